/**
 * Where berth keeps things.
 *
 * Owns the two roots and the names derived from them. Two engines with
 * different roots never see each other: everything that lives in a namespace
 * shared by the machine (cgroups, links, nft tables) carries `tag`.
 */
import { join } from 'node:path';

export type Roots = {
  /** Survives a reboot: images, volumes, container records, logs. */
  readonly data: string;
  /** Gone after a reboot (tmpfs): sockets, run and exit records. */
  readonly run: string;
  /** Four hex digits from the run root, part of every kernel object's name. */
  readonly tag: string;
  readonly engineSocket: string;
  readonly engineLock: string;
  readonly engineLog: string;
};

/** Roots from BERTH_DATA_ROOT and BERTH_RUN_ROOT, else /var/lib/berth and /run/berth (XDG folders for other users than root). */
export function rootsFromEnvironment(env: NodeJS.ProcessEnv, uid: number): Roots {
  const home = env.HOME ?? '/';
  const data =
    env.BERTH_DATA_ROOT ??
    (uid === 0 ? '/var/lib/berth' : join(env.XDG_DATA_HOME ?? join(home, '.local/share'), 'berth'));
  const run =
    env.BERTH_RUN_ROOT ?? (uid === 0 ? '/run/berth' : join(env.XDG_RUNTIME_DIR ?? `/tmp/berth-${uid}`, 'berth'));
  return rootsAt(data, run);
}

/** Roots at the two given absolute folders. */
export function rootsAt(data: string, run: string): Roots {
  return {
    data,
    run,
    tag: shortHash(run),
    engineSocket: join(run, 'engine.sock'),
    engineLock: join(run, 'engine.lock'),
    engineLog: join(run, 'engine.log'),
  };
}

/** FNV-1a folded to 16 bits: telling two roots apart needs no more, and commands start faster without node:crypto. */
function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return ((hash >>> 16) ^ (hash & 0xffff)).toString(16).padStart(4, '0');
}
