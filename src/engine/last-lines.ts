/**
 * The last lines of a container's log as text, for messages.
 */
import { parseLogLine, splitRecords } from '../logs/log-line.ts';
import { readLog } from '../logs/read-log.ts';
import { logPath } from './container-paths.ts';
import type { World } from './world.ts';

/** Up to `count` lines without their time; of a container that is gone, none. */
export async function lastLines(world: World, id: string, count: number): Promise<string[]> {
  const lines: string[] = [];
  for await (const piece of readLog(logPath(world.roots, id), { tail: count })) {
    for (const record of splitRecords(piece)) lines.push(parseLogLine(record)?.text.toString() ?? '');
  }
  return lines.slice(-count);
}
