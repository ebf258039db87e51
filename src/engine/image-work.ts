/**
 * The engine's side of the calls that concern images.
 */
import { runCommand } from '../base/run-command.ts';
import type { HistoryEntry } from '../image/image.ts';
import type { PullProgress } from '../image/pull.ts';
import type { PushProgress } from '../image/push.ts';
import { containerFolder } from './container-paths.ts';
import { diskDetails } from './disk-details.ts';
import type { Watch } from './engine.ts';
import type { DiskUsage, ImageCalls, InspectedImage } from './image-calls.ts';
import { logUsage } from './logs/log-usage.ts';
import { usersOf } from './volume-use.ts';
import type { World } from './world.ts';

export function imageCalls(world: World): ImageCalls {
  const { images } = world;
  return {
    imagePull: ({ image, platform, env }, watch) =>
      images.pull(image, { platform, env, signal: watch?.signal, onProgress: layerEvents(image, watch) }),
    imagePush: ({ image, env }, watch) =>
      images.push(image, { env, signal: watch?.signal, onProgress: layerEvents(image, watch) }),
    imageTag: ({ source, target }) => images.tag(source, target),
    imageHistory: (reference) => historyWithLines(world, reference),
    imageSave: (references) => images.save(references),
    imageLoad: (archive, request, watch) => images.load(archive, { ...request, signal: watch?.signal }),
    imagePrune: (request) => images.prune({ ...request, inUse: usedImages(world) }),
    diskUsage: () => diskUsage(world),
    diskDetails: () => diskDetails(world),
  };
}

/** Steps that were built here are known by their lines; the newest stand first. */
async function historyWithLines(world: World, reference: string): Promise<HistoryEntry[]> {
  const entries = await world.images.history(reference);
  const provenance = await world.builds.provenance((await world.images.inspect(reference)).id);
  const steps = [...(provenance?.steps ?? [])].reverse();
  return entries.map((entry, index) => {
    const own = steps[index];
    if (own?.step !== entry.createdBy) return entry;
    return { ...entry, origin: { dockerfile: provenance!.dockerfile, line: own.line, cached: own.cached } };
  });
}

export async function inspectImage(world: World, reference: string): Promise<InspectedImage> {
  const image = await world.images.inspect(reference);
  const build = await world.builds.provenance(image.id);
  return build ? { ...image, build } : image;
}

/** Bytes come in small pieces: a layer is heard of a few times a second. */
const EVERY_MS = 150;

export function layerEvents(image: string, watch: Watch | undefined): (progress: PullProgress | PushProgress) => void {
  const last = new Map<string, number>();
  return (progress) => {
    const now = performance.now();
    const isMoving = progress.state === 'downloading' || progress.state === 'uploading';
    if (isMoving && now - (last.get(progress.layer) ?? -EVERY_MS) < EVERY_MS) return;
    last.set(progress.layer, now);
    watch?.onEvent?.({ type: 'layer-progress', image, ...progress });
  };
}

export function usedImages(world: World): ReadonlySet<string> {
  return new Set(world.store.containers.all().map((container) => container.image.id));
}

/** What could be freed is an estimate: layers that images share count for each. */
async function diskUsage(world: World): Promise<DiskUsage> {
  const containers = world.store.containers.all();
  const stopped = containers.filter(({ id }) => world.live.get(id)?.running == null);
  const used = usedImages(world);
  const images = (await world.images.list()).filter(({ names }) => !names.includes('host'));
  const unused = images.filter(({ id }) => !used.has(id));
  const folders = (records: typeof containers) => records.map(({ id }) => containerFolder(world.roots, id));
  const [imageBytes, containerBytes, stoppedBytes, volumes] = await Promise.all([
    world.images.diskBytes(),
    bytesOf(folders(containers)),
    bytesOf(folders(stopped)),
    volumeUsage(world),
  ]);
  const reclaimable = unused.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return {
    images: {
      total: images.length,
      active: images.length - unused.length,
      bytes: imageBytes,
      reclaimableBytes: images.length === unused.length ? imageBytes : Math.min(imageBytes, reclaimable),
    },
    containers: {
      total: containers.length,
      active: containers.length - stopped.length,
      bytes: containerBytes,
      reclaimableBytes: stoppedBytes,
    },
    volumes,
    logs: await logUsage(world),
  };
}

async function volumeUsage(world: World): Promise<DiskUsage['volumes']> {
  const all = world.volumes.list();
  const sizes = await Promise.all(all.map(async ({ name }) => ({ name, bytes: await world.volumes.sizeOf(name) })));
  const sum = (parts: typeof sizes) => parts.reduce((total, { bytes }) => total + bytes, 0);
  const unused = sizes.filter(({ name }) => usersOf(world, name).length === 0);
  return {
    total: all.length,
    active: all.length - unused.length,
    bytes: sum(sizes),
    reclaimableBytes: sum(unused),
  };
}

async function bytesOf(paths: readonly string[]): Promise<number> {
  if (paths.length === 0) return 0;
  const { stdout } = await runCommand('du', ['-s', '-x', '--block-size=1', '--', ...paths], { check: false });
  return stdout.split('\n').reduce((sum, line) => sum + Number(/^(\d+)/.exec(line)?.[1] ?? 0), 0);
}
