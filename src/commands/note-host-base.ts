/**
 * A word of warning about images that leave this machine and stand on its own root (`FROM host`).
 */
import type { Engine } from '../engine/engine.ts';
import { noteLine } from '../ui/output.ts';

/** Says nothing of images that are not there: the call that follows does. */
export async function noteHostBase(engine: Engine, images: readonly string[]): Promise<void> {
  for (const image of images) {
    const inspected = await engine.imageInspect(image).catch(() => undefined);
    if (inspected?.base === undefined) continue;
    noteLine(
      `warning: ${image} is made FROM host: its programs are those of this machine and do not go with it; only berth runs it, on what the other machine has`,
    );
  }
}
