/**
 * What each image, container and volume takes up; disk usage of all together is in image-work.ts.
 */
import { sizeBelow } from '../volume/folder-size.ts';
import { containerFolder } from './container-paths.ts';
import type { DiskDetails } from './image-calls.ts';
import { usersOf } from './volume-use.ts';
import type { World } from './world.ts';

export async function diskDetails(world: World): Promise<DiskDetails> {
  const records = world.store.containers.all();
  const stored = (await world.images.list()).filter(({ names }) => !names.includes('host'));
  const images = stored.map(({ names, id, createdAt, sizeBytes }) => ({
    names,
    id,
    createdAt,
    bytes: sizeBytes,
    containers: records.filter(({ image }) => image.id === id).length,
  }));
  const containers = records.map(async ({ id, name, definition }) => ({
    name,
    image: definition.image,
    isRunning: world.live.get(id)?.running != null,
    bytes: await sizeBelow(containerFolder(world.roots, id)),
  }));
  const volumes = world.volumes.list().map(async ({ name }) => ({
    name,
    bytes: await world.volumes.sizeOf(name),
    users: usersOf(world, name).length,
  }));
  return { images, containers: await Promise.all(containers), volumes: await Promise.all(volumes) };
}
