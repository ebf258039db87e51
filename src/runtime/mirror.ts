/**
 * Makes paths below a folder of a container what they are below a folder of this machine.
 *
 * One process for any number of paths. It looks at what each is by now, so a
 * list that is out of date does no harm; only what differs is written.
 */
import { endOf, interrupted, refused, startTreeProcess, type TreeRoot, textOf } from './tree-process.ts';

export type MirrorOptions = {
  readonly root: TreeRoot;
  /** Folder of this machine that must be there. */
  readonly source: string;
  /** Folder below the root; made when it is missing. */
  readonly target: string;
  /** What new files belong to, as in an image's config: `name`, `uid:gid`, or empty for root. */
  readonly user: string;
  /** Relative; folders before what is in them. */
  readonly names: readonly MirrorName[];
  /** A folder of the container never makes way for something else, nor the other way round. */
  readonly keepKinds?: boolean;
  readonly signal?: AbortSignal;
};

/** Below the source, and below the target. */
export type MirrorName = { readonly from: string; readonly to: string };

export type MirrorResult = {
  /** Paths below the target that were made, changed or given another mode. */
  readonly written: readonly string[];
  readonly removed: readonly string[];
  /** Of the files that were written. */
  readonly bytes: number;
  /** What was not done, and why. */
  readonly left: readonly LeftName[];
};

export type LeftName = {
  readonly name: string;
  /** `kept`: something of the container's is in the way; `special`: no file, folder or link; `failed`: an error. */
  readonly kind: 'kept' | 'special' | 'failed';
  readonly reason: string;
};

export async function mirror(executor: string, options: MirrorOptions): Promise<MirrorResult> {
  const { root, source, target, user, names, keepKinds, signal } = options;
  const args = ['mirror', source, target, `--user=${user}`, ...(keepKinds ? ['--keep-kinds'] : [])];
  const child = startTreeProcess(executor, args, root, signal);
  child.stdin!.end(names.map(({ from, to }) => `${from}\0${to}\0`).join(''));
  const [text, ended] = await Promise.all([textOf(child.stdout!), endOf(child)]);
  if (signal?.aborted) throw interrupted();
  if (ended.code !== 0) throw refused(ended.complaint, 'mirror');
  return parseMirror(text);
}

const LEFT = { k: 'kept', s: 'special', f: 'failed' } as const;

/** The executor's answer: see mirror.c. */
function parseMirror(text: string): MirrorResult {
  const written: string[] = [];
  const removed: string[] = [];
  const left: LeftName[] = [];
  let bytes = 0;
  const parts = text.split('\0');
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const kind = parts[i]![0];
    const name = parts[i]!.slice(2);
    if (kind === 'w') written.push(name);
    else if (kind === 'r') removed.push(name);
    else if (kind === '.') bytes = Number(parts[i + 1]);
    else if (kind === 'k' || kind === 's' || kind === 'f') left.push({ name, kind: LEFT[kind], reason: parts[i + 1]! });
  }
  return { written, removed, bytes, left };
}
