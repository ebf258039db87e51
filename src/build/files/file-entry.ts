/**
 * One file on its way into a layer, wherever it comes from.
 */
export type FileEntry = {
  /** Relative, without a slash at either end; empty: the root of what is copied. */
  readonly path: string;
  readonly kind: 'folder' | 'file' | 'link' | 'fifo';
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Target of a link. */
  readonly target: string;
  /** `SCHILY.xattr.NAME` and its value. */
  readonly attributes: readonly (readonly [name: string, value: Buffer])[];
  /** The content, to be read before the next entry is asked for; null for all but files. */
  readonly read: (() => AsyncIterable<Buffer>) | null;
};

export type FileEntries = AsyncIterable<FileEntry>;
