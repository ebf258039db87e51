/**
 * What changes of files led to, done to one service: build, sync, restart, exec, and an event that says so.
 *
 * Goes the way of all changes: observe, plan, execute, under the stack's lock.
 * The build runs before the lock is taken: a `down` need not wait for it.
 */
import { BerthError } from '../../base/errors.ts';
import { causeText, type WatchWork, workText } from '../../watch/decide.ts';
import type { SyncRequest } from '../../watch/file-change.ts';
import { execute } from '../execute.ts';
import { observe, recordsOf } from '../observe.ts';
import { performing } from '../ops/perform.ts';
import { planRestart, withFollowers } from '../reconcile-down.ts';
import type { WatchRecord } from '../records.ts';
import type { StackLocks } from '../stack-locks.ts';
import type { World } from '../world.ts';
import { execInAll } from './exec-in-all.ts';
import { rebuild } from './rebuild.ts';
import { syncFiles } from './sync-files.ts';

export type Site = {
  readonly world: World;
  readonly locks: StackLocks;
  readonly record: WatchRecord;
  readonly service: string;
  /** Containers that have all that was synced since watching began. */
  readonly fresh: Set<string>;
  /** Aborted when nothing of the stack is watched any more. */
  readonly over: AbortSignal;
};

/** False when it failed, which is an event; never rejects. */
export async function carryOut(site: Site, work: WatchWork): Promise<boolean> {
  const { world, record, service } = site;
  const why = causeText(work.causes, record.stack.projectDir);
  const startedMs = performance.now();
  const attributes = { file: work.causes[0]?.path ?? '', files: String(work.causes.length) };
  const event = { type: 'watch', stack: record.stack.name, service, attributes } as const;
  const cause = world.history.add({ ...event, action: workText(work), why });
  try {
    const note = await workOn(site, work, { why, cause });
    if (site.over.aborted) return false;
    const ms = String(Math.round(performance.now() - startedMs));
    const done = { ...event, cause, why: note ? `${why}; ${note}` : why, attributes: { ...attributes, ms } };
    world.history.add({ ...done, action: doneText(work) });
    return true;
  } catch (error) {
    if (site.over.aborted) return false;
    const said = error instanceof Error ? error.message : String(error);
    world.history.add({ ...event, cause, action: `${workText(work)} failed`, why: `${why}; ${said}` });
    if (!(error instanceof BerthError))
      world.log(`watch of ${service}: ${error instanceof Error ? error.stack : said}`);
    return false;
  }
}

type Reason = { readonly why: string; readonly cause: number };

/** The text is a note for people. */
async function workOn(site: Site, work: WatchWork, { why, cause }: Reason): Promise<string | undefined> {
  const { locks, record, service } = site;
  const locked = <T>(action: () => Promise<T>) =>
    locks.run(record.stack.name, `watch of ${service}`, async () => (site.over.aborted ? undefined : await action()));
  const rebuilt = work.rebuild ? await rebuild(site, locked, cause) : undefined;
  const notes = new Set(rebuilt === undefined ? [] : [rebuilt]);
  await locked(async () => {
    for (const sync of work.syncs) for (const notice of await syncAll(site, sync)) notes.add(notice);
    if (work.restart) await restart(site, why, cause);
    for (const hook of work.execs) await execInAll(site, { containers: containersOf(site), hook, cause });
  });
  return notes.size === 0 ? undefined : [...notes].join('; ');
}

/** All replicas, whatever becomes of one of them; what was left as it is, for people. */
async function syncAll(site: Site, request: SyncRequest): Promise<string[]> {
  const { world, over, fresh } = site;
  const containers = containersOf(site);
  const results = await Promise.allSettled(containers.map(({ id }) => syncFiles(world, id, request, over)));
  for (const [index, result] of results.entries()) {
    if (result.status === 'rejected' || result.value.missed) fresh.delete(containers[index]!.id);
  }
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return results.flatMap((result) => (result.status === 'fulfilled' ? result.value.notices : []));
}

/** Replicas of the service. */
export function containersOf({ world, record, service }: Pick<Site, 'world' | 'record' | 'service'>) {
  return recordsOf(world, record.stack.name).filter((r) => r.service === service && !r.oneOff);
}

/** The same containers, with their addresses and volumes; and those that follow a restart of them. */
async function restart({ world, record, service }: Site, why: string, cause: number): Promise<void> {
  const { name } = record.stack;
  const known = world.store.stacks.get(name);
  const { stack, positions } = known ?? record;
  const plan = planRestart(stack, await observe(world, name), withFollowers(stack, new Set([service])), why);
  await execute(plan, performing({ world, stack, positions, graceMs: undefined, created: new Map(), cause }));
}

function doneText({ rebuild: built, syncs, restart: restarted, execs }: WatchWork): string {
  const words = [
    ...(built ? ['rebuilt'] : []),
    ...(syncs.length > 0 && !built ? ['synced'] : []),
    ...(restarted ? ['restarted'] : []),
    ...(execs.length > 0 ? ['exec done'] : []),
  ];
  return words.join(', ');
}
