/**
 * The files that a service has opened, and which of them it writes itself: what `x-berth.watch: auto` watches.
 *
 * Pure but for the look at a file. A package folder counts as a whole: whoever
 * installs packages changes what lies directly in it. What the service writes
 * is its own business, and so is what it puts in place of a file by renaming.
 */
import { basename, dirname } from 'node:path/posix';

export type OpenedFiles = {
  /**
   * PATH lies below FOLDER; FILE: what it was then, as of `identify`. What has to be watched from now on for it: folders
   * from FOLDER on, outermost first.
   */
  opened(path: string, folder: string, file?: string): string[];
  /** By the service: from now on nobody is told of changes of PATH. */
  written(path: string): void;
  /** FILE: inode and time of modification when the service had written it. */
  closed(file: string): void;
  /** Whether PATH is a file that the service has opened, and by now is another one by somebody else's doing; gone is none. */
  isWanted(path: string): boolean;
  /** Whether such files lie in FOLDER, at whatever depth. */
  holds(folder: string): boolean;
  count(): number;
};

export type OpenedOptions = {
  /** Inode and time of modification of what is at PATH now; undefined: nothing. */
  readonly identify: (path: string) => string | undefined;
  /** From that many files on, folders stand for what is in them; from as many folders on, nothing is added. */
  readonly most?: number;
};

const MOST = 20_000;
const MOST_CLOSED = 10_000;
const PACKAGE_FOLDERS: ReadonlySet<string> = new Set(['node_modules', 'site-packages', 'dist-packages']);
/** What programs make for themselves, and histories. */
const NEVER: ReadonlySet<string> = new Set(['__pycache__', '.git', '.hg', '.svn']);

export function openedFiles({ identify, most = MOST }: OpenedOptions): OpenedFiles {
  /** To what they were when they were opened. */
  const files = new Map<string, string | undefined>();
  const own = new Set<string>();
  /** Of all files, with those above them; true: all that is directly in it counts. */
  const folders = new Map<string, boolean>();
  const closed = new Set<string>();

  const add = (folder: string, outermost: string, whole: boolean): string[] => {
    if (folders.has(folder) || folders.size >= most) {
      if (whole && folders.has(folder)) folders.set(folder, true);
      return [];
    }
    const above = folder === outermost ? [] : add(dirname(folder), outermost, false);
    folders.set(folder, whole);
    return [...above, folder];
  };

  return {
    opened(path, folder, file = identify(path)) {
      const inside = path.slice(folder.length).split('/');
      if (own.has(path) || inside.some((part) => NEVER.has(part))) return [];
      const at = inside.findIndex((part) => PACKAGE_FOLDERS.has(part));
      if (at >= 0 && at < inside.length - 1) return add(`${folder}${inside.slice(0, at + 1).join('/')}`, folder, true);
      const isFull = files.size >= most && !files.has(path);
      if (!isFull) files.set(path, file);
      return add(dirname(path), folder, isFull);
    },
    written(path) {
      files.delete(path);
      if (own.size < most) own.add(path);
    },
    closed(file) {
      closed.delete(file);
      closed.add(file);
      if (closed.size > MOST_CLOSED) closed.delete(closed.values().next().value ?? '');
    },
    isWanted(path) {
      if (own.has(path) || !(files.has(path) || folders.get(dirname(path)) === true)) return false;
      const file = identify(path);
      return file !== undefined && file !== files.get(path) && !closed.has(file) && !NEVER.has(basename(path));
    },
    holds: (folder) => folders.has(folder),
    count: () => files.size,
  };
}
