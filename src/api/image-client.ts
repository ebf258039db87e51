/**
 * The client's side of the calls that concern images.
 */
import type { Watch } from '../engine/engine.ts';
import type { ImageCalls } from '../engine/image-calls.ts';
import { readEvents } from './read-events.ts';
import { type Ask, openAnswer } from './request.ts';

export function imageClient(socketPath: string): ImageCalls {
  const watched = async <T>(ask: Ask, watch?: Watch) =>
    await readEvents<T>(await openAnswer(socketPath, { ...ask, signal: watch?.signal }), watch);
  return {
    imagePull: (request, watch) => watched({ method: 'POST', path: '/v1/pull', json: request }, watch),
  };
}
