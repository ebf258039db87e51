/**
 * What the logs of stacks take up: of containers there are, and of those that are gone.
 */
import { dirname } from 'node:path';
import { sizeBelow } from '../../volume/folder-size.ts';
import type { DiskUsage } from '../image-calls.ts';
import type { World } from '../world.ts';
import { keptRuns, stacksWithLogs } from './kept-runs.ts';
import { logPath } from './run-folder.ts';

export async function logUsage(world: World): Promise<DiskUsage['logs']> {
  const present = world.store.containers.all().filter((record) => record.keepsLog);
  const kept = (await Promise.all((await stacksWithLogs(world)).map((stack) => keptRuns(world, stack)))).flat();
  const sizes = await Promise.all(present.map((record) => sizeBelow(dirname(logPath(world.roots, record)))));
  const presentBytes = sizes.reduce((sum, bytes) => sum + bytes, 0);
  const keptBytes = kept.reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    total: present.length + kept.length,
    active: present.length,
    bytes: presentBytes + keptBytes,
    reclaimableBytes: keptBytes,
  };
}
