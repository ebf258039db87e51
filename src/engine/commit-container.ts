/**
 * `commit`: what a container changed, as a layer on the image it was made of; and `export`, its whole root.
 *
 * What is mounted in it belongs to neither.
 */
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { BerthError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import { changedConfig } from '../image/change-config.ts';
import { HOST_BASE, type OciImage } from '../image/image-config.ts';
import { canonicalName, HOST_IMAGE, parseReference } from '../image/reference.ts';
import { viewProgram } from '../runtime/mount-ops.ts';
import { recordByName } from './choose-containers.ts';
import { containerFolder } from './container-paths.ts';
import type { CommitRequest } from './engine.ts';
import { reportContainer } from './history/report.ts';
import { pauseContainer, unpauseContainer } from './ops/pause-container.ts';
import type { ContainerRecord } from './records.ts';
import type { World } from './world.ts';

/** A tar stream of the root as the container sees it, without this machine's own folders in `host`. */
export async function exportContainer(world: World, name: string, signal?: AbortSignal): Promise<Readable> {
  const record = recordByName(world, name);
  const image = await world.images.resolve(record.image.reference);
  const upper = join(containerFolder(world.roots, record.id), 'upper');
  const rootfs = { lowers: [upper, ...(image?.lowers ?? [])], upper: null };
  return await world.runtime.trees.pack({
    root: { kind: 'mounts', program: viewProgram(rootfs, []) },
    path: '/',
    name: '.',
    signal,
  });
}

/** The id of the new image. IMAGE_NOT_FOUND when the one it was made of is gone. */
export async function commitContainer(world: World, request: CommitRequest): Promise<{ readonly id: string }> {
  const record = recordByName(world, request.container);
  const names = request.reference === null ? [] : [canonicalName(parseReference(request.reference))];
  const base = await baseOf(world, record);
  const config = changedConfig(base.image.config ?? {}, request.changes);
  const lease = `commit-${newId().slice(0, 16)}`;
  const pauses = request.pause && world.live.get(record.id)?.state === 'running';
  if (pauses) await pauseContainer(world, record.id);
  try {
    const upper = join(containerFolder(world.roots, record.id), 'upper');
    const layer = await world.images.addLayer(await world.runtime.trees.packLayer(upper), { lease });
    const created = new Date().toISOString();
    const step = { created, created_by: `berth container commit ${record.name}`, comment: request.message };
    const image = {
      ...base.image,
      created,
      config,
      ...(request.author ? { author: request.author } : {}),
      history: [...(base.image.history ?? []), step],
    };
    const keep = names.length === 0 ? { lease: `committed-${newId().slice(0, 16)}` } : {};
    const { id } = await world.images.makeImage({ image, layers: [...base.layers, layer], names, ...keep });
    reportContainer(world, record, { action: 'commit', why: `image ${request.reference ?? id} was asked for` });
    return { id };
  } finally {
    await world.images.leases.release(lease);
    if (pauses) await unpauseContainer(world, record.id);
  }
}

type Base = { readonly image: Omit<OciImage, 'rootfs'>; readonly layers: Parameters<World['images']['lowersOf']>[0] };

/** This machine's own root has no layers: what is made of it says so. */
async function baseOf(world: World, record: ContainerRecord): Promise<Base> {
  const { reference } = record.image;
  if (reference === HOST_IMAGE) {
    const architecture = process.arch === 'x64' ? 'amd64' : 'arm64';
    return { image: { [HOST_BASE]: HOST_IMAGE, architecture, os: 'linux' }, layers: [] };
  }
  const parts = await world.images.parts(reference);
  if (parts) return parts;
  throw new BerthError('IMAGE_NOT_FOUND', `image ${reference} of container ${record.name} is not there any more`, {
    hint: '`berth container export` saves its root without it',
  });
}
