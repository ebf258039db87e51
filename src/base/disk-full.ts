/**
 * A disk without room, as a person reads it: ENOSPC of space or inodes, EDQUOT of a quota.
 */
import { BerthError, errnoOf } from './errors.ts';

export function isDiskFull(error: unknown): boolean {
  return errnoOf(error) === 'ENOSPC' || errnoOf(error) === 'EDQUOT';
}

/** `what`: whose disk, e.g. `the image store`; `why` when the errno alone does not tell. */
export function diskFull(what: string, cause: unknown, why?: string): BerthError {
  return new BerthError('DISK_FULL', `the disk of ${what} is full${why === undefined ? '' : `: ${why}`}`, {
    hint: '`berth system prune` frees some, or move the data folder (BERTH_DATA_ROOT) to a larger disk',
    cause,
  });
}
