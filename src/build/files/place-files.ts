/**
 * What was found for COPY -> where it goes: names, owners and modes in the layer.
 *
 * Docker's rules: a folder's content goes into the target, a file into it when
 * it is a folder (or ends with a slash), else under its name.
 */
import { posix } from 'node:path';
import { BerthError } from '../../base/errors.ts';
import { compilePatterns, matchesWithParents, type Pattern } from '../../base/ignore-patterns.ts';
import { changeMode } from './change-mode.ts';
import type { FileEntry } from './file-entry.ts';

export type Placement = {
  /** Absolute, without a slash at the end but for the root. */
  readonly target: string;
  /** The target is written with a slash at its end. */
  readonly isFolder: boolean;
  /** What is there now. */
  readonly existing: 'folder' | 'file' | 'missing';
  /** More than one thing is copied. */
  readonly many: boolean;
  readonly parents: boolean;
  readonly owner: { readonly uid: number; readonly gid: number } | null;
  readonly chmod: string | null;
  readonly exclude: readonly string[];
};

/** Something found: where, what kind its root is, and the entry, relative to that root. */
export type Found = { readonly match: string; readonly root: FileEntry['kind']; readonly entry: FileEntry };

/** BUILD_FAILED when a folder is needed and none can be. */
export async function* placeFiles(found: AsyncIterable<Found>, placement: Placement): AsyncGenerator<FileEntry> {
  const exclude = compilePatterns(placement.exclude);
  const made = new Set<string>();
  for await (const one of found) {
    const { match, root, entry } = one;
    if (isExcluded(exclude, root === 'folder' ? entry.path : posix.basename(match))) continue;
    const placed = place(one, placement);
    if (!placed) continue;
    if (placed.kind === 'folder' && made.has(placed.path)) continue;
    if (placed.kind === 'folder') made.add(placed.path);
    yield placed;
  }
}

function isExcluded(patterns: readonly Pattern[], path: string): boolean {
  return path !== '' && matchesWithParents(patterns, path);
}

function place({ match, root, entry }: Found, placement: Placement): FileEntry | undefined {
  const { target, existing, owner, chmod } = placement;
  const path = posix.join(baseOf(match, root, placement), entry.path).replace(/^\/+|\/+$/g, '');
  const isTarget = entry.kind === 'folder' && `/${path}` === posix.resolve('/', target);
  /* A folder that is there keeps its owner and mode; only what is below is merged. */
  if (path === '' || (isTarget && existing === 'folder')) return undefined;
  if (posix.basename(path).startsWith('.wh.')) {
    throw new BerthError('BUILD_FAILED', `${path}: a name that begins with .wh. can not be in a layer`);
  }
  const mode =
    chmod === null || entry.kind === 'link' ? entry.mode : changeMode(entry.mode, chmod, entry.kind === 'folder');
  return { ...entry, path, mode, uid: owner?.uid ?? 0, gid: owner?.gid ?? 0 };
}

function baseOf(path: string, root: FileEntry['kind'], { target, isFolder, existing, many, parents }: Placement) {
  if (parents) return posix.join(target, afterPivot(path));
  const intoFolder = isFolder || existing === 'folder';
  if (!intoFolder && existing === 'file' && (root === 'folder' || many)) {
    throw new BerthError('BUILD_FAILED', `${target} is a file: a folder can not be put there`);
  }
  if (many && !intoFolder && root !== 'folder') {
    throw new BerthError('BUILD_FAILED', `several files can not be copied to one name, ${target}`, {
      hint: `end the target with a slash: ${target}/`,
    });
  }
  if (root === 'folder') return target;
  return intoFolder ? posix.join(target, posix.basename(path)) : target;
}

/** `--parents`: what comes before `/./` is not kept. */
function afterPivot(path: string): string {
  const at = path.indexOf('/./');
  return at < 0 ? path : path.slice(at + 3);
}
