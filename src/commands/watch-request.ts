/**
 * What the engine is asked to watch: the rules of a stack, how its images are built, and the files that say what it is.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { UpRequest } from '../engine/engine.ts';
import type { WatchRequest } from '../engine/watching/watch-calls.ts';
import { requestOf } from './build-services.ts';

export type WatchWish = {
  readonly services: readonly string[];
  readonly prune: boolean;
  /** Of --env-file. */
  readonly envFiles?: readonly string[];
};

/** Reads the secrets of builds here and now, as a build does. */
export function watchRequest(
  { stack, positions, secrets }: UpRequest,
  { services, prune, envFiles = [] }: WatchWish,
): WatchRequest {
  const isMeant = (name: string) => services.length === 0 || services.includes(name);
  const built = stack.services.filter(
    ({ name, build, watch }) => build && isMeant(name) && watch?.rules.some(({ action }) => action === 'rebuild'),
  );
  const variables = envFiles.length > 0 ? envFiles : [join(stack.projectDir, '.env')];
  const written = Object.values(positions).map(({ file }) => file);
  const sources = [...new Set([...stack.files, ...written, ...variables.map((file) => resolve(file))])];
  return {
    stack,
    positions,
    secrets,
    services,
    prune,
    builds: Object.fromEntries(built.map((service) => [service.name, requestOf(stack, service, {})] as const)),
    sources: sources.filter((file) => existsSync(file)),
  };
}
