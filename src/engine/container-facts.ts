/**
 * What has to be asked of the kernel to tell the effects of a plan.
 */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../base/errors.ts';
import { canHear } from '../runtime/hearing.ts';
import { signalNumber } from '../runtime/stop-signals.ts';
import { containerFolder } from './container-paths.ts';
import { DEFAULT_GRACE_MS } from './end-running.ts';
import type { Plan } from './plan.ts';
import type { ContainerFacts } from './plan-effects.ts';
import type { ContainerRecord } from './records.ts';
import { stopSignalOf } from './stop-signal.ts';
import type { World } from './world.ts';

/** Facts of the containers that the plan stops or removes, by id. */
export async function factsOf(world: World, plan: Plan, graceMs?: number): Promise<Map<string, ContainerFacts>> {
  const ids = plan.steps.flatMap(({ op }) =>
    op.kind === 'stop-container' || op.kind === 'remove-container' ? [op.id] : [],
  );
  const facts = new Map<string, ContainerFacts>();
  for (const id of new Set(ids)) {
    const record = world.store.containers.get(id);
    if (record) facts.set(id, await factsOfOne(world, record, graceMs));
  }
  return facts;
}

async function factsOfOne(world: World, record: ContainerRecord, graceMs: number | undefined): Promise<ContainerFacts> {
  const { stopGraceMs, init } = record.definition;
  const running = world.live.get(record.id)?.running;
  return {
    name: record.name,
    graceMs: graceMs ?? stopGraceMs ?? DEFAULT_GRACE_MS,
    hears: running ? await canHear(running.pid, signalNumber(stopSignalOf(record)), { init }) : true,
    wroteFiles: await hasEntries(join(containerFolder(world.roots, record.id), 'upper')),
    anonymousVolumes: Object.values(record.anonymousVolumes),
  };
}

async function hasEntries(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).length > 0;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}
