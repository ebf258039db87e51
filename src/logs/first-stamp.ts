/**
 * When a log begins.
 */
import { findRecord } from './find-record.ts';
import { closeLogFiles, openLogFiles } from './log-files.ts';

/** Time of the first record, as records carry it; undefined when there is none. */
export async function firstStamp(path: string): Promise<string | undefined> {
  const files = await openLogFiles(path);
  try {
    const [oldest] = files;
    return oldest && (await findRecord(oldest, 0, await oldest.size()))?.stamp;
  } finally {
    await closeLogFiles(files);
  }
}
