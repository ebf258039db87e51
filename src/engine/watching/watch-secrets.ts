/**
 * What watching needs and no disk may see: how images are built, and values of secrets.
 *
 * In memory as secrets of containers are; after a restart of the machine it is
 * gone, and `berth watch` brings it again.
 */
import { readFileSync } from 'node:fs';
import { errnoOf } from '../../base/errors.ts';
import type { World } from '../world.ts';
import type { WatchRequest } from './watch-calls.ts';

export type WatchSecrets = Pick<WatchRequest, 'builds' | 'secrets'>;

const NAME = 'request';

export function keepWatchSecrets(world: World, stack: string, { builds, secrets }: WatchSecrets): void {
  world.secrets.put(keyOf(stack), NAME, JSON.stringify({ builds, secrets }));
}

export function readWatchSecrets(world: World, stack: string): WatchSecrets {
  try {
    return JSON.parse(readFileSync(world.secrets.pathOf(keyOf(stack), NAME), 'utf8')) as WatchSecrets;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return { builds: {} };
    throw error;
  }
}

export function dropWatchSecrets(world: World, stack: string): void {
  world.secrets.drop(keyOf(stack));
}

/** Of all stacks that are watched. */
export function watchSecretKeys(world: World): string[] {
  return world.store.watches.all().map(({ stack }) => keyOf(stack.name));
}

function keyOf(stack: string): string {
  return `watch-${stack}`;
}
