/**
 * One stack whose files are watched: from touched paths to actions, one at a time for each service.
 *
 * How far it has got is on disk, so that the next engine goes on there: what
 * changed meanwhile is acted on, and an action that was cut short is done again.
 */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import type { WatchRule } from '../../model/watch.ts';
import { decide, type WatchWork } from '../../watch/decide.ts';
import { type FileWatch, fileWatch, onlyFile } from '../../watch/file-watch.ts';
import { chainAfter, isLoop, NO_CHAIN } from '../../watch/loop-guard.ts';
import { type Batch, type QuietBatch, quietBatch } from '../../watch/quiet-batch.ts';
import { type RuleFilter, ruleFilter } from '../../watch/rule-filter.ts';
import type { ContainerRecord, ServiceWatchState, WatchRecord } from '../records.ts';
import { carryOut, containersOf, type Site } from './carry-out.ts';
import { contextIgnores } from './context-ignores.ts';
import { type OpenedWatch, openedWatch } from './opened-watch.ts';
import { type SyncResult, syncForStart } from './sync-files.ts';

export type WatchedStack = {
  readonly record: WatchRecord;
  /** Resolves when no change is missed any more. */
  readonly ready: Promise<void>;
  counts: FileWatch['counts'];
  /** Before a start of one of its containers: what was synced, where it is new or has missed some. Never rejects. */
  bringAll(container: ContainerRecord): Promise<void>;
  /** Names of the services that are watched, with their rules. */
  services(): readonly { readonly service: string; readonly rules: readonly WatchRule[] }[];
  close(): Promise<void>;
};

type Watched = Site & {
  /** Of x-berth.watch: auto. */
  readonly opened: OpenedWatch | null;
  readonly filters: readonly RuleFilter[];
  readonly quietMs: number;
  chain: typeof NO_CHAIN;
  before: { startedMs: number; endedMs: number } | null;
};

export type WatchedStackOptions = Omit<Site, 'service' | 'over' | 'fresh'> & {
  /** It was watched by an engine before this one. */
  readonly again: boolean;
};

const SOURCES_QUIET_MS = 200;

export function watchStack(options: WatchedStackOptions): WatchedStack {
  const { record } = options;
  const closing = new AbortController();
  const services = watchedServices(record).map((wanted) => watchedOf(options, wanted, closing.signal));
  const batches = new Map<Watched, QuietBatch>();
  const files: FileWatch = fileWatch({
    filters: [...services.flatMap(({ filters }) => filters), ...record.sources.map(onlyFile)],
    onTouched(path) {
      for (const [watched, batch] of batches) if (liveFilters(watched).some((f) => f.isWanted(path))) batch.touch(path);
      if (record.sources.includes(path)) sources.touch(path);
    },
    onPolling: (text) => void report(options, { action: 'polling', why: text }),
  });
  for (const watched of services) {
    const run = (batch: Batch) => act(watched, files, batch);
    batches.set(watched, quietBatch({ quietMs: watched.quietMs, run }));
  }
  const sources = quietBatch({ quietMs: SOURCES_QUIET_MS, run: async ({ paths }) => tellSources(options, paths) });

  for (const { opened } of services) opened?.begin(files);

  const goOn = async (): Promise<void> => {
    for (const watched of services) await catchUp(watched, files, batches.get(watched)!);
  };
  const begin = async (): Promise<void> => {
    for (const watched of services) await syncInitially(watched, files);
  };
  return {
    record,
    ready: files.ready.then(options.again ? goOn : begin),
    counts: files.counts,
    async bringAll(container) {
      const watched = services.find(({ service }) => service === container.service);
      if (watched && !container.oneOff && !watched.fresh.has(container.id)) await bringAll(watched, files, container);
    },
    services: () => services.map(({ service, filters }) => ({ service, rules: filters.map(({ rule }) => rule) })),
    async close() {
      closing.abort();
      for (const batch of batches.values()) batch.close();
      sources.close();
      await files.close();
    },
  };
}

function watchedOf(
  options: WatchedStackOptions,
  { service, quietMs, rules, build, auto }: ReturnType<typeof watchedServices>[number],
  over: AbortSignal,
): Watched {
  const site = { ...options, service, over };
  const contexts = contextIgnores(build);
  const isUnfinished = () => stateOf(site).unfinished;
  const tell = (why: string) => report(site, { service, action: 'opened files', why });
  const opened = auto ? openedWatch({ ...site, isUnfinished, tell }) : null;
  const filters = [...rules.map((rule) => ruleFilter(rule, contexts)), ...(opened?.filters ?? [])];
  return { ...site, fresh: freshOf(site), opened, filters, quietMs, chain: NO_CHAIN, before: null };
}

/** Those of the record with rules; a path that several rules name is as good as one. */
export function watchedServices({ stack, services }: Pick<WatchRecord, 'stack' | 'services'>) {
  return stack.services.flatMap(({ name, watch, build }) => {
    if (!watch || (services.length > 0 && !services.includes(name))) return [];
    return [{ service: name, ...watch, build }];
  });
}

export function stateOf({ world, record, service }: Pick<Site, 'world' | 'record' | 'service'>): ServiceWatchState {
  const states = world.store.watchStates.get(record.stack.name) ?? {};
  return states[service] ?? { settledMs: Date.parse(record.since), unfinished: false, ended: {} };
}

function setState(site: Site, changes: Partial<ServiceWatchState>): void {
  const { world, record, service } = site;
  if (site.over.aborted) return;
  const states = world.store.watchStates.get(record.stack.name) ?? {};
  world.store.watchStates.putSoon(record.stack.name, { ...states, [service]: { ...stateOf(site), ...changes } });
}

function liveFilters(watched: Watched): readonly RuleFilter[] {
  const { ended } = stateOf(watched);
  return watched.filters.filter(({ path }) => !(path in ended));
}

async function act(watched: Watched, files: FileWatch, batch: Batch): Promise<void> {
  const changes = await files.settle(batch.paths, batch.firstMs);
  if (watched.over.aborted) return;
  const work = decide(liveFilters(watched), changes);
  if (!work) return;
  const { before, quietMs } = watched;
  const paths = work.causes.map(({ path }) => path);
  const link = { files: paths, touchedMs: batch.firstMs, before, quietMs };
  watched.chain = startsSomething(work) ? chainAfter(watched.chain, link) : NO_CHAIN;
  if (isLoop(watched.chain)) return endRules(watched, watched.chain.files);
  for (const { id } of containersOf(watched)) if (!watched.world.live.get(id)?.running) watched.fresh.delete(id);
  if (isStopped(watched)) return;
  setState(watched, { unfinished: true });
  const startedMs = Date.now();
  const isDone = await carryOut(watched, work);
  watched.before = { startedMs: lastStart(watched) ?? startedMs, endedMs: Date.now() };
  if (isDone) setState(watched, { unfinished: false, settledMs: batch.lastMs });
}

/** A sync alone starts nothing that could write: saves that come fast are a person's, or a tool's. */
function startsSomething({ rebuild, restart, execs }: WatchWork): boolean {
  return rebuild || restart || execs.length > 0;
}

/** When its youngest container was started. */
function lastStart(watched: Watched): number | undefined {
  const times = containersOf(watched).flatMap(({ id }) => watched.world.live.get(id)?.running?.startedAt ?? []);
  return times.length === 0 ? undefined : Math.max(...times.map((time) => Date.parse(time)));
}

/** Somebody stopped it: then a change is no reason to start it. A stop of an action that failed does not count. */
function isStopped(watched: Watched): boolean {
  const own = containersOf(watched);
  return !stateOf(watched).unfinished && own.every(({ desired }) => desired === 'stopped');
}

function endRules(watched: Watched, files: ReadonlySet<string>): void {
  const [file = ''] = files;
  const name = file.startsWith(`${watched.record.stack.projectDir}/`)
    ? file.slice(watched.record.stack.projectDir.length + 1)
    : file;
  const why = `${watched.service} writes ${name} itself each time it starts, which starts it again: no longer watched; put ${basename(file)} under \`ignore\` and run \`berth watch\` again`;
  const guilty = liveFilters(watched).filter((filter) => [...files].some((one) => filter.isWanted(one)));
  const ended = Object.fromEntries(guilty.map(({ path }) => [path, why]));
  setState(watched, { ended: { ...stateOf(watched).ended, ...ended } });
  report(watched, { service: watched.service, action: 'loop', why, attributes: { file } });
}

/** What changed while no engine watched; and all of an action that was cut short. */
async function catchUp(watched: Watched, files: FileWatch, batch: QuietBatch): Promise<void> {
  const { settledMs, unfinished } = stateOf(watched);
  const filters = liveFilters(watched);
  const changes = await files.changedSince(settledMs);
  const paths = changes.map(({ path }) => path).filter((path) => filters.some((filter) => filter.isWanted(path)));
  for (const path of paths) batch.touch(path);
  /* What led to it is gone: the rule's path stands for it. */
  if (unfinished && paths.length === 0 && filters[0]) batch.touch(filters[0].path);
}

async function syncInitially(watched: Watched, files: FileWatch): Promise<void> {
  const work = await wholeSync(
    watched.filters.filter(({ rule }) => rule.initialSync),
    files,
  );
  if (work) await carryOut(watched, work);
}

/** All that the rules with a target want, as one sync; also what has gone since watching began. */
async function wholeSync(filters: readonly RuleFilter[], files: FileWatch): Promise<WatchWork | undefined> {
  const syncing = filters.filter(({ rule }) => rule.target !== null);
  if (syncing.length === 0) return undefined;
  const work = decide(
    syncing.map((filter) => ({ ...filter, rule: { ...filter.rule, action: 'sync', exec: null } })),
    await files.changedSince(0),
  );
  return work && { ...work, syncs: work.syncs.map((sync) => ({ ...sync, whole: true })) };
}

/** Those that run have what was synced; others may have missed some. */
function freshOf(site: Pick<Site, 'world' | 'record' | 'service'>): Set<string> {
  const running = containersOf(site).filter(({ id }) => site.world.live.get(id)?.running);
  return new Set(running.map(({ id }) => id));
}

async function bringAll(watched: Watched, files: FileWatch, container: ContainerRecord): Promise<void> {
  const { world, service } = watched;
  try {
    await files.ready;
    const work = await wholeSync(liveFilters(watched), files);
    if (!work) return;
    watched.fresh.add(container.id);
    const results = await syncForStart(world, container, work.syncs);
    const [count, notices] = [sum(results, 'written') + sum(results, 'removed'), results.flatMap((r) => r.notices)];
    const why = [`${container.name} got ${count} changed files before its start`, ...notices].join('; ');
    if (count + notices.length > 0) report(watched, { service, action: 'synced for its start', why });
  } catch (error) {
    watched.fresh.delete(container.id);
    report(watched, { service, action: 'sync failed', why: error instanceof Error ? error.message : String(error) });
  }
}

function sum(results: readonly SyncResult[], key: 'written' | 'removed'): number {
  return results.reduce((total, result) => total + result[key], 0);
}

function tellSources(options: WatchedStackOptions, paths: ReadonlySet<string>): void {
  for (const path of paths) {
    if (!existsSync(path)) continue;
    report(options, {
      action: 'stack file changed',
      why: `${path} changed: \`berth up -d\` takes it over`,
      attributes: { file: path },
    });
  }
}

type Said = {
  readonly action: string;
  readonly why: string;
  readonly service?: string;
  readonly attributes?: Readonly<Record<string, string>>;
};

function report({ world, record }: Pick<Site, 'world' | 'record'>, said: Said): void {
  world.history.add({ type: 'watch', stack: record.stack.name, ...said });
}
