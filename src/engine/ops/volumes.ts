/**
 * Makes and removes named volumes.
 */
import { BerthError, errnoOf } from '../../base/errors.ts';
import { isStandalone } from '../../model/standalone.ts';
import { FOLDER_LABEL } from '../stack-folder.ts';
import { usersOf } from '../volume-use.ts';
import type { World } from '../world.ts';
import type { Operation } from './operation.ts';

export async function createVolume({ world, stack }: Operation, key: string): Promise<undefined> {
  const volume = stack.volumes.find((v) => v.key === key);
  if (!volume) throw new Error(`the plan names volume ${key}, which stack ${stack.name} has not`);
  await world.volumes.ensure(volume.name, {
    labels: {
      ...volume.labels,
      /* A volume of a container without a stack file is nobody's. */
      ...(isStandalone(stack.name)
        ? {}
        : {
            'com.docker.compose.project': stack.name,
            'com.docker.compose.volume': key,
            [FOLDER_LABEL]: stack.projectDir,
          }),
    },
    options: volume.driverOpts,
  });
}

/** Removes a volume; one that is already gone is no failure, one that others have stays and is noted. */
export async function removeVolume(world: World, name: string): Promise<string | undefined> {
  const users = usersOf(world, name).map((record) => record.name);
  if (users.length > 0) return `volume ${name} stays: ${users.join(', ')} ${users.length === 1 ? 'has' : 'have'} it`;
  try {
    await world.volumes.remove(name);
  } catch (error) {
    if (!(error instanceof BerthError && error.code === 'VOLUME_NOT_FOUND') && errnoOf(error) !== 'ENOENT') throw error;
  }
  return undefined;
}
