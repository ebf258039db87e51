/**
 * Routes of volumes and of files of containers.
 *
 * A tar stream that breaks off says why in a trailer: its headers are long gone.
 */

import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { VolumeCreateRequest, VolumePruneRequest } from '../engine/copy-calls.ts';
import type { Engine } from '../engine/engine.ts';
import { readJson, sendJson } from './body.ts';
import type { Exchange, Router } from './router.ts';
import { takeRest } from './upload.ts';
import { errorBody } from './wire.ts';
import { ERROR_TRAILER } from './wire-names.ts';

export function volumeRoutes(router: Router, engine: Engine): void {
  router.on('GET', '/v1/volumes', async ({ response }) => sendJson(response, await engine.volumes()));
  router.on('POST', '/v1/volumes', async ({ request, response }) => {
    sendJson(response, await engine.volumeCreate(await readJson<VolumeCreateRequest>(request)));
  });
  router.on('POST', '/v1/volumes/prune', async ({ request, response }) => {
    sendJson(response, await engine.volumePrune(await readJson<VolumePruneRequest>(request)));
  });
  router.on('GET', '/v1/volumes/:name', async ({ response, params }) => {
    sendJson(response, await engine.volumeInspect(params.name!));
  });
  router.on('DELETE', '/v1/volumes/:name', async ({ response, params }) => {
    await engine.volumeRemove(params.name!);
    sendJson(response, null);
  });
  router.on('GET', '/v1/volumes/:name/archive', async (exchange) => {
    await sendTar(exchange, await engine.volumeExport(exchange.params.name!, exchange.signal));
  });
  router.on('POST', '/v1/volumes/:name/archive', async ({ request, response, params, query, signal }) => {
    const options = { replace: query.get('replace') === '1', signal };
    sendJson(response, await takingAll(request, engine.volumeImport(params.name!, request, options)));
  });
}

export function fileRoutes(router: Router, engine: Engine): void {
  router.on('GET', '/v1/containers/:container/stat', async ({ response, params, query }) => {
    sendJson(response, await engine.pathStat(params.container!, query.get('path') ?? '/', query.get('follow') === '1'));
  });
  router.on('GET', '/v1/containers/:container/export', async (exchange) => {
    await sendTar(exchange, await engine.containerExport(exchange.params.container!, exchange.signal));
  });
  router.on('GET', '/v1/containers/:container/archive', async (exchange) => {
    const { query, params, signal } = exchange;
    const request = {
      path: query.get('path') ?? '/',
      name: query.get('name') ?? '.',
      follow: query.get('follow') === '1',
      signal,
    };
    await sendTar(exchange, await engine.copyOut(params.container!, request));
  });
  router.on('POST', '/v1/containers/:container/archive', async ({ request, response, params, query, signal }) => {
    const archive = query.get('archive') === '1';
    const copy = { path: query.get('path') ?? '/', tar: request, archive, signal };
    await takingAll(request, engine.copyIn(params.container!, copy));
    sendJson(response, null);
  });
}

/** A client that is still sending would see a broken pipe instead of the reason: what it sends is taken in first. */
async function takingAll<T>(request: IncomingMessage, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    request.unpipe();
    await takeRest(request);
    throw error;
  }
}

async function sendTar({ response }: Exchange, tar: Readable): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/x-tar', trailer: ERROR_TRAILER });
  try {
    await pipeline(tar, response, { end: false });
  } catch (error) {
    if (response.destroyed) return;
    response.addTrailers({ [ERROR_TRAILER]: encodeURIComponent(JSON.stringify(errorBody(error))) });
  }
  response.end();
}
