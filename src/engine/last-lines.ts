/**
 * The last lines of a container's log as text, for messages.
 */
import { joinParts } from '../logs/join-parts.ts';
import { readLog } from '../logs/read-log.ts';
import { logPath } from './logs/run-folder.ts';
import type { World } from './world.ts';

/** Up to `count` lines without their time; of a container that is gone, none. */
export async function lastLines(world: World, id: string, count: number): Promise<string[]> {
  const lines: string[] = [];
  const container = world.store.containers.get(id);
  if (!container) return lines;
  const joiner = joinParts();
  for await (const piece of readLog(logPath(world.roots, container), { tail: count })) {
    for (const { text } of joiner.add(piece)) lines.push(text.toString());
  }
  for (const { text } of joiner.rest()) lines.push(text.toString());
  return lines.slice(-count);
}
