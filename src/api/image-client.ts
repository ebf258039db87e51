/**
 * The client's side of the calls that concern images.
 */
import type { Watch } from '../engine/engine.ts';
import type { ImageCalls } from '../engine/image-calls.ts';
import { readEvents } from './read-events.ts';
import { type Ask, askJson, openAnswer } from './request.ts';

export function imageClient(socketPath: string): ImageCalls {
  const watched = async <T>(ask: Ask, watch?: Watch) =>
    await readEvents<T>(await openAnswer(socketPath, { ...ask, signal: watch?.signal }), watch);
  const post = <T>(path: string, json: unknown) => askJson<T>(socketPath, { method: 'POST', path, json });
  const get = <T>(path: string) => askJson<T>(socketPath, { method: 'GET', path });
  return {
    imagePull: (request, watch) => watched({ method: 'POST', path: '/v1/pull', json: request }, watch),
    imagePush: (request, watch) => watched({ method: 'POST', path: '/v1/push', json: request }, watch),
    imageTag: (request) => post('/v1/tag', request),
    imageHistory: (reference) => get(`/v1/images/${encodeURIComponent(reference)}/history`),
    imageSave: (references, signal) => {
      const query = new URLSearchParams(references.map((reference): [string, string] => ['image', reference]));
      return openAnswer(socketPath, { method: 'GET', path: `/v1/save?${query}`, signal });
    },
    imageLoad: (archive, { name, replace }, watch) => {
      const query = new URLSearchParams({ ...(name !== undefined && { name }), ...(replace && { replace: '1' }) });
      return watched({ method: 'POST', path: `/v1/load?${query}`, stream: archive }, watch);
    },
    imagePrune: (request) => post('/v1/image-prune', request),
    diskUsage: () => get('/v1/disk-usage'),
    diskDetails: () => get('/v1/disk-details'),
  };
}
