/**
 * The running Node in the root of `image: host`, when it is installed beside /usr.
 *
 * Its whole folder comes along only when that holds an unpacked distribution
 * and nothing else; of any other place (~/bin, ~/.local) the program alone.
 */
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { RootEntry } from './host-root.ts';

export type HostNode = {
  readonly binds: readonly string[];
  readonly entries: readonly RootEntry[];
  readonly programs: readonly string[];
};

/** PROGRAM: real path of the running node. */
export function hostNode(program = realpathSync(process.execPath)): HostNode {
  const folder = dirname(dirname(program));
  if (program.startsWith('/usr/') || folder === '/') return { binds: [], entries: [], programs: [] };
  const programs = [dirname(program)];
  if (isDistribution(folder) && basename(dirname(program)) === 'bin') {
    return { binds: [folder], entries: [{ kind: 'folder', path: folder.slice(1), mode: 0o755 }], programs };
  }
  const place: RootEntry = { kind: 'file', path: program.slice(1), mode: 0o755, content: Buffer.alloc(0) };
  return { binds: [program], entries: [place], programs };
}

/** Only archives of nodejs.org (nvm, fnm and the like unpack those) have their licence beside bin/. */
function isDistribution(folder: string): boolean {
  return existsSync(join(folder, 'LICENSE')) && existsSync(join(folder, 'include/node/node_version.h'));
}
