/**
 * What containers run and use: the answers of `top` and `stats`.
 */
import { cpus } from 'node:os';
import type { ContainerUsage } from '../runtime/runtime.ts';
import type { ContainerProcesses, UsageSample } from './answers.ts';
import { chosenRecords } from './choose-containers.ts';
import { containerCgroup } from './container-paths.ts';
import type { ContainersRequest } from './engine.ts';
import type { ContainerRecord } from './records.ts';
import type { World } from './world.ts';

/** Processes of the running ones among the containers chosen. */
export async function containerProcesses(world: World, request: ContainersRequest): Promise<ContainerProcesses[]> {
  const running = chosenRecords(world, request).filter((record) => world.live.get(record.id)?.running);
  return await Promise.all(
    running.map(async (record) => ({
      id: record.id,
      name: record.name,
      service: record.service,
      replica: record.replica,
      processes: await world.runtime.processes(containerCgroup(world.parentCgroup, record.id)),
    })),
  );
}

const NOTHING: ContainerUsage = {
  cpuNs: 0,
  memoryBytes: 0,
  memoryLimitBytes: 0,
  receivedBytes: 0,
  sentBytes: 0,
  readBytes: 0,
  writtenBytes: 0,
  pids: 0,
};

/** Counters of the containers chosen, all zero for those that do not run. Rates are the difference of two samples. */
export async function containerUsage(world: World, request: ContainersRequest): Promise<UsageSample> {
  const records = chosenRecords(world, request);
  const usages = await Promise.all(records.map((record) => usageOf(world, record)));
  return {
    atNs: Number(process.hrtime.bigint()),
    cpus: cpus().length,
    containers: records.map((record, index) => ({
      id: record.id,
      name: record.name,
      service: record.service,
      running: world.live.get(record.id)?.running !== null,
      usage: usages[index]!,
    })),
  };
}

async function usageOf(world: World, record: ContainerRecord): Promise<ContainerUsage> {
  const running = world.live.get(record.id)?.running;
  if (!running) return NOTHING;
  return await world.runtime.usage(containerCgroup(world.parentCgroup, record.id), running.pid);
}
