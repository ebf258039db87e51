/**
 * Where the log of one container lies, from its creation on: with its service, not with its other files.
 *
 * `DATA/logs/STACK/SERVICE.REPLICA.ID/log`; a one-off run has replica 0. So it
 * outlives the container without being moved, and what it belongs to is known
 * without reading anything. A container without a stack file has its log
 * beside its other files, and loses it with them.
 */
import { join } from 'node:path';
import type { Roots } from '../../base/roots.ts';
import { containerFolder } from '../container-paths.ts';
import type { ContainerRecord } from '../records.ts';

export type RunName = { readonly service: string; readonly replica: number; readonly id: string };

/** The file that is written to; rotated ones lie beside it. */
export function logPath(roots: Roots, record: ContainerRecord): string {
  if (!record.keepsLog) return join(containerFolder(roots, record.id), 'log');
  return join(runFolder(roots, record.stack, record), 'log');
}

export function runFolder(roots: Roots, stack: string, { service, replica, id }: RunName): string {
  return join(stackLogs(roots, stack), `${service}.${replica}.${id}`);
}

/** All that is kept of a stack. */
export function stackLogs(roots: Roots, stack: string): string {
  return join(allLogs(roots), stack);
}

export function allLogs(roots: Roots): string {
  return join(roots.data, 'logs');
}

/** What a folder's name says; undefined for one that is not ours. */
export function parseRunName(name: string): RunName | undefined {
  const [, service, replica, id] = /^(.+)\.(\d+)\.([0-9a-f]+)$/.exec(name) ?? [];
  return service === undefined ? undefined : { service, replica: Number(replica), id: id! };
}
