/**
 * Makes and removes named volumes.
 */
import { BerthError, errnoOf } from '../../base/errors.ts';
import { isStandalone } from '../../model/standalone.ts';
import type { World } from '../world.ts';
import type { Operation } from './operation.ts';

export async function createVolume({ world, stack }: Operation, key: string): Promise<undefined> {
  const volume = stack.volumes.find((v) => v.key === key);
  if (!volume) throw new Error(`the plan names volume ${key}, which stack ${stack.name} has not`);
  await world.volumes.ensure(volume.name, {
    ...volume.labels,
    /* A volume of a container without a stack file is nobody's. */
    ...(isStandalone(stack.name) ? {} : { 'com.docker.compose.project': stack.name, 'com.docker.compose.volume': key }),
  });
}

/** Removes a volume; one that is already gone is no failure. */
export async function removeVolume(world: World, name: string): Promise<undefined> {
  try {
    await world.volumes.remove(name);
  } catch (error) {
    if (!(error instanceof BerthError && error.code === 'VOLUME_NOT_FOUND') && errnoOf(error) !== 'ENOENT') throw error;
  }
}
