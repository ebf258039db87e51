/**
 * A rule with a target, and changes of files -> which names of which folder of this machine go to which of a container.
 *
 * Pure. What became of a file is not handed on: whoever brings it looks at it.
 */
import { basename, dirname, join } from 'node:path/posix';
import type { SyncRequest } from './file-change.ts';
import { below } from './rule-filter.ts';

export type SyncNames = {
  /** Folder of this machine. */
  readonly source: string;
  /** Folder of the container. */
  readonly target: string;
  /** Below the one and the other; folders before what is in them, each once. */
  readonly names: readonly { readonly from: string; readonly to: string }[];
};

/** `isFile`: the rule's path is a single file, whose target is the file's, or with a slash at its end its folder. */
export function syncNames({ rule, changes }: SyncRequest, isFile: boolean): SyncNames {
  const target = rule.target ?? '/';
  if (isFile) {
    const from = basename(rule.path);
    const place = target.endsWith('/') ? join(target, from) : target;
    return { source: dirname(rule.path), target: dirname(place), names: [{ from, to: basename(place) }] };
  }
  const inside = new Set(changes.map(({ path }) => below(rule.path, path) ?? ''));
  inside.delete('');
  const names = [...inside].sort(foldersFirst).map((name) => ({ from: name, to: name }));
  return { source: rule.path, target, names };
}

function foldersFirst(a: string, b: string): number {
  return depthOf(a) - depthOf(b) || (a < b ? -1 : 1);
}

function depthOf(name: string): number {
  return name.split('/').length;
}
