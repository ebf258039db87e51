/**
 * A folder to unpack into, beside a canary: files that no archive may reach.
 *
 * The canary lies where links out of the folder would lead, relative and absolute.
 */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { executorPath } from '../../../src/runtime/executor-path.ts';

export type Unpacked = { readonly code: number | null; readonly answer: string; readonly complaint: string };

export type UntarWorld = {
  readonly base: string;
  /** The folder that archives are unpacked to. */
  readonly folder: string;
  /** Absolute path of a file outside that must stay as it is. */
  readonly canary: string;
  unpack(archive: Buffer, ...flags: readonly string[]): Unpacked;
  /** What is outside of the folder, by path: content, mode, owner, links. */
  outside(): Record<string, string>;
  read(path: string): string;
  close(): void;
};

export function untarWorld(): UntarWorld {
  const base = mkdtempSync(join(tmpdir(), 'berth-untar-'));
  const folder = join(base, 'down', 'folder');
  mkdirSync(folder, { recursive: true });
  mkdirSync(join(base, 'etc'));
  const canary = join(base, 'etc', 'passwd');
  writeFileSync(canary, 'canary', { mode: 0o640 });
  return {
    base,
    folder,
    canary,
    unpack: (archive, ...flags) =>
      ended(spawnSync(executorPath(), ['untar', folder, ...flags], { input: archive, encoding: 'utf8' })),
    outside: () => ({
      ...treeOf(join(base, 'etc')),
      ...Object.fromEntries(readdirSync(base).map((name) => [name, 'there'])),
    }),
    read: (path) => readFileSync(join(folder, path), 'utf8'),
    close: () => rmSync(base, { recursive: true, force: true }),
  };
}

function ended({ status, stdout, stderr }: SpawnSyncReturns<string>): Unpacked {
  return { code: status, answer: stdout.trim(), complaint: stderr.trim() };
}

/** Every path below a folder -> type, mode, owner, and content or link target. */
export function treeOf(folder: string, prefix = ''): Record<string, string> {
  const rows: Record<string, string> = {};
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const stat = lstatSync(path);
    rows[join(prefix, name)] =
      `${(stat.mode & 0o177777).toString(8)} ${stat.uid}:${stat.gid} ${stat.nlink} ${stat.isFile() ? readFileSync(path, 'utf8') : ''}`;
    if (stat.isDirectory()) Object.assign(rows, treeOf(path, join(prefix, name)));
  }
  return rows;
}
