/**
 * The client's side of volumes and of files of containers.
 */

import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable, Transform } from 'node:stream';
import type { CopyCalls, VolumeCalls } from '../engine/copy-calls.ts';
import { type Ask, askJson, openAnswer } from './request.ts';
import { type ErrorBody, errorOf } from './wire.ts';
import { ERROR_TRAILER } from './wire-names.ts';

export function copyClient(socketPath: string): VolumeCalls & CopyCalls {
  const ask = <T>(method: Ask['method'], path: string, json?: unknown) =>
    askJson<T>(socketPath, { method, path, json });
  const send = async <T>(path: string, stream: Readable, signal?: AbortSignal) =>
    await askJson<T>(socketPath, { method: 'POST', path, stream, signal });
  const fetch = async (path: string, signal?: AbortSignal) =>
    tarOf(await openAnswer(socketPath, { method: 'GET', path, signal }));
  return {
    volumes: () => ask('GET', '/v1/volumes'),
    volumeInspect: (name) => ask('GET', volumePath(name)),
    volumeCreate: (request) => ask('POST', '/v1/volumes', request),
    volumeRemove: (name) => ask('DELETE', volumePath(name)),
    volumePrune: (request) => ask('POST', '/v1/volumes/prune', request),
    volumeExport: (name, signal) => fetch(`${volumePath(name)}/archive`, signal),
    volumeImport: (name, tar, { replace, signal }) =>
      send(`${volumePath(name)}/archive?replace=${replace ? 1 : 0}`, tar, signal),
    pathStat: (container, path, follow) =>
      ask('GET', filePath(container, 'stat', { path, follow: follow ? '1' : '0' })),
    containerExport: (container, signal) => fetch(filePath(container, 'export', {}), signal),
    copyOut: (container, { path, name, follow, signal }) =>
      fetch(filePath(container, 'archive', { path, name, follow: follow ? '1' : '0' }), signal),
    copyIn: (container, { path, tar, archive, signal }) =>
      send(filePath(container, 'archive', { path, archive: archive ? '1' : '0' }), tar, signal),
  };
}

function volumePath(name: string): string {
  return `/v1/volumes/${encodeURIComponent(name)}`;
}

function filePath(container: string, what: string, query: Record<string, string>): string {
  return `/v1/containers/${encodeURIComponent(container)}/${what}?${new URLSearchParams(query).toString()}`;
}

/** The stream, which fails with the engine's reason when it could not be completed. */
function tarOf(response: IncomingMessage): Readable {
  const stream = new Transform({
    highWaterMark: 1 << 18,
    transform: (chunk: Buffer, _encoding, done) => done(null, chunk),
    flush(done) {
      const told = response.trailers[ERROR_TRAILER];
      if (told === undefined) done();
      else done(errorOf(JSON.parse(decodeURIComponent(String(told))) as ErrorBody, 200));
    },
  });
  pipeline(response, stream, () => {});
  return stream;
}
