/**
 * Removes logs: those that have been kept long enough, and those that somebody wants gone.
 */
import { rm, rmdir } from 'node:fs/promises';
import { errnoOf } from '../../base/errors.ts';
import { DEFAULT_KEEP, type LogKeep } from '../../model/service-logs.ts';
import type { World } from '../world.ts';
import { type KeptRun, keptRuns, stacksWithLogs } from './kept-runs.ts';
import { stackLogs } from './run-folder.ts';
import { surplusRuns } from './surplus.ts';

export type LogPruneRequest = {
  /** undefined: of all stacks. */
  readonly stack?: string;
  /** Empty: all. */
  readonly services?: readonly string[];
};

export type LogsPruned = { readonly runs: number; readonly bytes: number };

/** Applies the limits of every stack; for the engine's start. */
export async function retainAllLogs(world: World): Promise<void> {
  for (const stack of await stacksWithLogs(world)) await retainLogs(world, stack);
}

/** Applies the limits of a stack's services, or of one. */
export async function retainLogs(world: World, stack: string, only?: string): Promise<void> {
  const runs = await keptRuns(world, stack, only);
  const services = new Set(runs.map((run) => run.service));
  for (const service of services) {
    const own = runs.filter((run) => run.service === service);
    await removeRuns(world, stack, surplusRuns(own, keepOf(world, stack, own), Date.now()));
  }
}

/** Removes the logs of containers that are gone. */
export async function pruneLogs(world: World, request: LogPruneRequest): Promise<LogsPruned> {
  const pruned = { runs: 0, bytes: 0 };
  for (const stack of request.stack === undefined ? await stacksWithLogs(world) : [request.stack]) {
    const services = request.services ?? [];
    const runs = (await keptRuns(world, stack)).filter((r) => services.length === 0 || services.includes(r.service));
    await removeRuns(world, stack, runs);
    pruned.runs += runs.length;
    pruned.bytes += runs.reduce((sum, run) => sum + run.bytes, 0);
  }
  return pruned;
}

/** As the stack has it now, else as it was when its last container went. */
function keepOf(world: World, stack: string, runs: readonly KeptRun[]): LogKeep {
  const service = world.store.stacks.get(stack)?.stack.services.find((s) => s.name === runs[0]!.service);
  return (service ? service.logKeep : runs.at(-1)!.keep) ?? DEFAULT_KEEP;
}

async function removeRuns(world: World, stack: string, runs: readonly KeptRun[]): Promise<void> {
  await Promise.all(runs.map((run) => rm(run.folder, { recursive: true, force: true })));
  if (runs.length === 0) return;
  try {
    await rmdir(stackLogs(world.roots, stack));
  } catch (error) {
    if (!['ENOTEMPTY', 'ENOENT', 'EEXIST'].includes(errnoOf(error) ?? '')) throw error;
  }
}
