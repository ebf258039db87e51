/**
 * Where a container's things are, all derived from its id.
 */
import { join } from 'node:path';
import type { Roots } from '../base/roots.ts';

/** Record and the overlay's upper and work folders; survives a reboot. */
export function containerFolder(roots: Roots, id: string): string {
  return join(roots.data, 'containers', id);
}

/** The monitor's folder, on tmpfs; short, since a unix socket's path holds 107 bytes. */
export function stateFolder(roots: Roots, id: string): string {
  return join(roots.run, 'c', id.slice(0, 16));
}

/** Path of the cgroup below each controller's root. */
export function containerCgroup(parent: string, id: string): string {
  return `${parent}/${id}`;
}
