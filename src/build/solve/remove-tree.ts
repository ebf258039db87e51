/**
 * Removes a folder of ours with whatever a step has put into it.
 */
import { lstat, rm } from 'node:fs/promises';

/** Nothing to do is fine. Links are removed, not followed. */
export async function removeTree(path: string): Promise<void> {
  const stat = await lstat(path).catch(() => undefined);
  if (stat) await rm(path, { recursive: true, force: true, maxRetries: 3 });
}
