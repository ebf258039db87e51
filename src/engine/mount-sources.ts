/**
 * What the mounts of a container need before it can start, and that takes time to get: images, and volumes that are mounted.
 */
import { BerthError } from '../base/errors.ts';
import type { ResolvedImage } from '../image/image.ts';
import type { Mount, Positions, Service } from '../model/stack.ts';
import { positionOf } from './definition-diff.ts';
import type { ContainerRecord } from './records.ts';
import { heldMounts } from './volume-use.ts';
import type { World } from './world.ts';

export type MountSources = {
  /** By the reference that the mount gives. */
  readonly images: ReadonlyMap<string, ResolvedImage>;
  /** Folder of each volume, by its name. */
  readonly volumes: ReadonlyMap<string, string>;
};

/** IMAGE_NOT_FOUND, VOLUME_FAILED: with the line that asked for it. */
export async function mountSources(world: World, record: ContainerRecord, positions: Positions): Promise<MountSources> {
  const images = new Map<string, ResolvedImage>();
  const volumes = new Map<string, string>();
  for (const { mount, volume, origin } of heldMounts(world, record)) {
    if (mount.kind === 'image') images.set(mount.source, await imageOf(world, { mount, origin, positions }));
    if (volume === null) continue;
    /* One that was removed behind our back is made again, empty, rather than that nothing starts any more. */
    if (!world.volumes.get(volume)) await world.volumes.ensure(volume, { labels: {} });
    volumes.set(volume, await atLine(() => world.volumes.use(volume), positionOf(positions, origin)));
  }
  return { images, volumes };
}

/** All images that services mount, before anything is started. */
export async function requireMountImages(world: World, services: readonly Service[], positions: Positions) {
  for (const service of services) {
    for (const [index, mount] of service.mounts.entries()) {
      const origin = `services.${service.name}.volumes[${index}]`;
      if (mount.kind === 'image') await imageOf(world, { mount, origin, positions });
    }
  }
}

type Wanted = {
  readonly mount: Mount & { kind: 'image' };
  readonly origin: string;
  readonly positions: Positions;
};

async function imageOf(world: World, { mount, origin, positions }: Wanted): Promise<ResolvedImage> {
  const image = await world.images.resolve(mount.source);
  if (image) return image;
  throw new BerthError('IMAGE_NOT_FOUND', `the image ${mount.source} for ${mount.target} is not on this machine`, {
    at: positionOf(positions, origin),
    hint: `get it first, e.g. \`berth image import FILE.tar ${mount.source}\``,
  });
}

async function atLine<T>(work: () => Promise<T>, at: ReturnType<typeof positionOf>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof BerthError) || error.at || !at) throw error;
    throw new BerthError(error.code, error.message, { hint: error.hint, at, cause: error });
  }
}
