/**
 * A folder to take from and a root to bring it to, beside a canary that nothing may reach.
 */
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { executorPath } from '../../../src/runtime/executor-path.ts';
import { fileTrees } from '../../../src/runtime/file-trees.ts';
import type { MirrorOptions, MirrorResult } from '../../../src/runtime/mirror.ts';

export type MirrorWorld = {
  readonly source: string;
  /** The container's root; the target is /app of it. */
  readonly root: string;
  readonly canary: string;
  /** Path below the source, or of the target. */
  here(path: string): string;
  there(path: string): string;
  /** Writes a file and the folders above it. */
  write(path: string, text: string): void;
  mirror(names: readonly string[], options?: Partial<MirrorOptions>): Promise<MirrorResult>;
  close(): void;
};

export function mirrorWorld(): MirrorWorld {
  const base = mkdtempSync(join(tmpdir(), 'berth-mirror-'));
  const [source, root, canary] = [join(base, 'source'), join(base, 'root'), join(base, 'canary')];
  for (const folder of [source, join(root, 'app'), join(root, 'etc'), canary]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nnode:x:1234:5678::/home/node:/bin/sh\n');
  writeFileSync(join(canary, 'f'), 'canary');
  const trees = fileTrees(executorPath());
  return {
    source,
    root,
    canary,
    here: (path) => join(source, path),
    there: (path) => join(root, 'app', path),
    write(path, text) {
      mkdirSync(dirname(join(source, path)), { recursive: true });
      writeFileSync(join(source, path), text);
    },
    mirror: (names, options = {}) =>
      trees.mirror({
        root: { kind: 'folder', path: root },
        source,
        target: '/app',
        user: '',
        names: names.map((name) => ({ from: name, to: name })),
        ...options,
      }),
    close: () => rmSync(base, { recursive: true, force: true }),
  };
}

/** Every path below a folder -> its kind, mode and content. */
export function contentsOf(folder: string, prefix = ''): Record<string, string> {
  const rows: Record<string, string> = {};
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const stat = lstatSync(path);
    const mode = (stat.mode & 0o7777).toString(8);
    if (stat.isSymbolicLink()) rows[join(prefix, name)] = `-> ${readlinkSync(path)}`;
    else if (stat.isFile()) rows[join(prefix, name)] = `${mode} ${readFileSync(path, 'utf8')}`;
    else if (stat.isDirectory()) {
      rows[join(prefix, name)] = `${mode}/`;
      Object.assign(rows, contentsOf(path, join(prefix, name)));
    } else rows[join(prefix, name)] = 'special';
  }
  return rows;
}
