/**
 * What became of paths that were touched: written, removed, or never there for long enough to matter.
 *
 * Remembers every path that was ever seen, so that a file of an editor that
 * came and went tells nothing.
 */
import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import type { FileChange } from './file-change.ts';

export type SeenFiles = {
  note(path: string): void;
  count(): number;
  below(folder: string): string[];
  /** Changes of the paths, sorted; one that came and went is none. */
  settle(paths: Iterable<string>): Promise<FileChange[]>;
  /** All seen paths: after events were lost, those that have changed since MOMENT or are gone. */
  changedSince(momentMs: number): Promise<FileChange[]>;
};

const AT_ONCE = 256;

export function seenFiles(): SeenFiles {
  const seen = new Set<string>();

  const settle = async (paths: Iterable<string>): Promise<FileChange[]> => {
    const changes = new Map<string, FileChange['kind']>();
    await eachOf([...paths], (path, stats) => {
      if (stats) {
        seen.add(path);
        changes.set(path, 'written');
      } else if (seen.has(path)) changes.set(path, 'removed');
    });
    return sorted(changes);
  };

  return {
    note: (path) => void seen.add(path),
    count: () => seen.size,
    below: (folder) => [...seen].filter((path) => path.startsWith(`${folder}/`)),
    settle,
    async changedSince(momentMs) {
      const touched: string[] = [];
      await eachOf([...seen], (path, stats) => {
        if (!stats || stats.ctimeMs >= momentMs) touched.push(path);
      });
      return await settle(touched);
    },
  };
}

async function eachOf(paths: readonly string[], tell: (path: string, stats: Stats | undefined) => void): Promise<void> {
  for (let from = 0; from < paths.length; from += AT_ONCE) {
    const some = paths.slice(from, from + AT_ONCE);
    const stats = await Promise.all(some.map((path) => lstat(path).catch(() => undefined)));
    for (const [index, path] of some.entries()) tell(path, stats[index]);
  }
}

function sorted(changes: ReadonlyMap<string, FileChange['kind']>): FileChange[] {
  return [...changes]
    .map(([path, kind]): FileChange => ({ path, kind }))
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}
