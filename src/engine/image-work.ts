/**
 * The engine's side of the calls that concern images.
 */
import type { PullProgress } from '../image/pull.ts';
import type { Watch } from './engine.ts';
import type { ImageCalls } from './image-calls.ts';
import type { World } from './world.ts';

export function imageCalls(world: World): ImageCalls {
  const { images } = world;
  return {
    imagePull: ({ image, platform, env }, watch) =>
      images.pull(image, { platform, env, signal: watch?.signal, onProgress: layerEvents(image, watch) }),
  };
}

/** Bytes come in small pieces: a layer is heard of a few times a second. */
const EVERY_MS = 150;

export function layerEvents(image: string, watch: Watch | undefined): (progress: PullProgress) => void {
  const last = new Map<string, number>();
  return (progress) => {
    const now = performance.now();
    if (progress.state === 'downloading' && now - (last.get(progress.layer) ?? -EVERY_MS) < EVERY_MS) return;
    last.set(progress.layer, now);
    watch?.onEvent?.({ type: 'layer-progress', image, ...progress });
  };
}
