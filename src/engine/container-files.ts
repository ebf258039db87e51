/**
 * Files of a container, running or not: what a path is, copies out, copies in.
 *
 * A running one is looked at by its own root, with all that is mounted there.
 * Of one that does not run the mounts are made for the one copy: read-only for
 * a copy out; for a copy in, under the stack's lock, so that it is not started
 * meanwhile.
 */
import { join } from 'node:path';
import { BerthError } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import type { TreeRoot } from '../runtime/file-trees.ts';
import { viewProgram } from '../runtime/mount-ops.ts';
import { exportContainer } from './commit-container.ts';
import { containerFolder } from './container-paths.ts';
import type { CopyCalls, CopyInRequest } from './copy-calls.ts';
import { mountSources } from './mount-sources.ts';
import type { ContainerRecord } from './records.ts';
import { requireImage } from './require-image.ts';
import type { StackLocks } from './stack-locks.ts';
import { translateMounts } from './translate-mounts.ts';
import { volumesInUse } from './volume-use.ts';
import type { World } from './world.ts';

export function copyCalls(world: World, locks: StackLocks): CopyCalls {
  const { trees } = world.runtime;
  return {
    async pathStat(container, path, follow) {
      const root = await rootOf(world, findContainer(world, container), { writable: false });
      return await trees.stat(root, path, follow);
    },
    containerExport: (container, signal) => exportContainer(world, container, signal),
    async copyOut(container, { path, name, follow, signal }) {
      const root = await rootOf(world, findContainer(world, container), { writable: false });
      const stream = await trees.pack({ root, path, name, follow, signal });
      stream.once('close', () => void world.volumes.release(volumesInUse(world)));
      return stream;
    },
    async copyIn(container, request) {
      const record = findContainer(world, container);
      if (world.live.get(record.id)?.running) return await copyInto(world, record, request);
      await locks.run(record.stack, 'cp', () => copyInto(world, record, request));
    },
  };
}

async function copyInto(world: World, record: ContainerRecord, { path, tar, archive, signal }: CopyInRequest) {
  const root = await rootOf(world, record, { writable: true });
  const owner = archive ? undefined : { uid: 0, gid: 0 };
  await world.runtime.trees.unpack({ root, path, tar, owner, signal });
  await world.volumes.release(volumesInUse(world));
}

/** Of one that does not run, its mounts are made for the one call. */
export async function rootOf(
  world: World,
  record: ContainerRecord,
  { writable }: { readonly writable: boolean },
): Promise<TreeRoot> {
  const running = world.live.get(record.id)?.running;
  if (running) return { kind: 'process', pid: running.pid, startTime: running.startTime };
  const positions = world.store.stacks.get(record.stack)?.positions ?? {};
  const image = await requireImage({ world, positions }, record.definition);
  const sources = await mountSources(world, record, positions);
  const folder = containerFolder(world.roots, record.id);
  const [upper, work] = [join(folder, 'upper'), join(folder, 'work')];
  /* The engine's own files and secrets are there only while it runs. */
  const mounts = translateMounts(world, record, { image, sources }, { withoutFiles: true });
  const rootfs = writable
    ? { lowers: image.lowers, upper: { dir: upper, work } }
    : { lowers: [upper, ...image.lowers], upper: null };
  return { kind: 'mounts', program: viewProgram(rootfs, mounts) };
}

/** By name, or by the first digits of its id. */
function findContainer(world: World, wanted: string): ContainerRecord {
  const records = world.store.containers.all();
  const found =
    records.find((record) => record.name === wanted || record.id === wanted) ??
    (/^[0-9a-f]{4,}$/.test(wanted) ? records.find((record) => record.id.startsWith(wanted)) : undefined);
  if (found) return found;
  const near = nearest(
    wanted,
    records.map((record) => record.name),
  );
  throw new BerthError('CONTAINER_NOT_FOUND', `there is no container ${wanted}`, {
    hint: near === undefined ? 'see `berth ps -a`' : `did you mean ${near}?`,
  });
}
