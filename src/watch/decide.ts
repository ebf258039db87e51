/**
 * Changes of files -> what is to be done for a service.
 *
 * Pure. A build anew brings everything a sync would; a restart comes after the
 * files are there, and a command after the restart.
 */
import type { Hook } from '../model/stack.ts';
import type { WatchRule } from '../model/watch.ts';
import type { FileChange, SyncRequest } from './file-change.ts';
import type { RuleFilter } from './rule-filter.ts';

export type WatchWork = {
  readonly rebuild: boolean;
  readonly syncs: readonly SyncRequest[];
  readonly restart: boolean;
  readonly execs: readonly Hook[];
  /** Changes that led to this, each once. */
  readonly causes: readonly FileChange[];
};

/** undefined: nothing of it is any rule's business. */
export function decide(filters: readonly RuleFilter[], changes: readonly FileChange[]): WatchWork | undefined {
  const matched = filters
    .map(({ rule, isWanted }) => ({ rule, changes: changes.filter(({ path }) => isWanted(path)) }))
    .filter((match) => match.changes.length > 0);
  if (matched.length === 0) return undefined;
  const has = (...actions: readonly WatchRule['action'][]) => matched.some(({ rule }) => actions.includes(rule.action));
  const rebuild = has('rebuild');
  return {
    rebuild,
    syncs: matched.filter(({ rule }) => rule.target !== null).map(inOrder),
    restart: !rebuild && has('restart', 'sync+restart'),
    execs: matched.flatMap(({ rule }) => (rule.exec ? [rule.exec] : [])),
    causes: [...new Set(matched.flatMap((match) => match.changes))],
  };
}

function inOrder(request: SyncRequest): SyncRequest {
  return { ...request, changes: [...request.changes].sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

/** `restart`, `sync, restart`: for people. */
export function workText({ rebuild, syncs, restart, execs }: WatchWork): string {
  const words = [
    ...(rebuild ? ['rebuild'] : []),
    ...(syncs.length > 0 ? ['sync'] : []),
    ...(restart ? ['restart'] : []),
    ...(execs.length > 0 ? ['exec'] : []),
  ];
  return words.join('+');
}

/** `src/app.js changed`, `src/app.js and 3 more changed`, `src/old.js removed`; relative to FOLDER where it is below. */
export function causeText(causes: readonly FileChange[], folder: string): string {
  const [first, ...rest] = causes;
  if (!first) return 'nothing changed';
  const name = first.path.startsWith(`${folder}/`) ? first.path.slice(folder.length + 1) : first.path;
  const verb = causes.every(({ kind }) => kind === 'removed') ? 'removed' : 'changed';
  return rest.length === 0 ? `${name} ${verb}` : `${name} and ${rest.length} more ${verb}`;
}
