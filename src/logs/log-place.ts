/**
 * How far a log has been read, over rotations and restarts of who reads it.
 */

/** In the file with that inode: all before `offset` has been read. Inode 0: nothing has been read yet. */
export type LogPlace = { inode: number; offset: number };

export const LOG_BEGINNING: Readonly<LogPlace> = { inode: 0, offset: 0 };
