/**
 * Routes of images and registries.
 */
import { pipeline } from 'node:stream/promises';
import type { Engine } from '../engine/engine.ts';
import type { ImagePruneRequest, PullRequest, PushRequest } from '../engine/image-calls.ts';
import { readJson, sendEvents, sendJson } from './body.ts';
import type { Router } from './router.ts';
import { uploadOf } from './upload.ts';

export function imageRoutes(router: Router, engine: Engine): void {
  router.on('GET', '/v1/images', async ({ response }) => sendJson(response, await engine.images()));
  router.on('GET', '/v1/images/:reference', async ({ response, params }) => {
    sendJson(response, await engine.imageInspect(params.reference!));
  });
  router.on('GET', '/v1/images/:reference/history', async ({ response, params }) => {
    sendJson(response, await engine.imageHistory(params.reference!));
  });
  router.on('DELETE', '/v1/images/:reference', async ({ response, params }) => {
    sendJson(response, await engine.imageRemove(params.reference!));
  });
  router.on('POST', '/v1/images/:reference/import', (exchange) => {
    const { params, query, request } = exchange;
    const asked = {
      name: params.reference!,
      changes: query.getAll('change'),
      message: query.get('message') ?? undefined,
      platform: query.get('platform') ?? undefined,
    };
    return sendEvents(exchange, (watch) => engine.imageImport(uploadOf(request), asked, watch));
  });
  router.on('POST', '/v1/tag', async ({ request, response }) => {
    sendJson(response, await engine.imageTag(await readJson<{ source: string; target: string }>(request)));
  });
  transferRoutes(router, engine);
  spaceRoutes(router, engine);
}

function transferRoutes(router: Router, engine: Engine): void {
  router.on('POST', '/v1/pull', async (exchange) => {
    const body = await readJson<PullRequest>(exchange.request);
    await sendEvents(exchange, (watch) => engine.imagePull(body, watch));
  });
  router.on('POST', '/v1/push', async (exchange) => {
    const body = await readJson<PushRequest>(exchange.request);
    await sendEvents(exchange, (watch) => engine.imagePush(body, watch));
  });
  router.on('POST', '/v1/load', (exchange) => {
    const request = { name: exchange.query.get('name') ?? undefined, replace: exchange.query.get('replace') === '1' };
    return sendEvents(exchange, (watch) => engine.imageLoad(uploadOf(exchange.request), request, watch));
  });
  router.on('GET', '/v1/save', async ({ response, query, signal }) => {
    const archive = await engine.imageSave(query.getAll('image'), signal);
    response.writeHead(200, { 'content-type': 'application/x-tar' });
    /* One that goes away is no error of ours; a half archive breaks its connection, so that it is not taken for a whole one. */
    await pipeline(archive, response).catch(() => response.destroy());
  });
}

function spaceRoutes(router: Router, engine: Engine): void {
  router.on('GET', '/v1/disk-usage', async ({ response }) => sendJson(response, await engine.diskUsage()));
  router.on('GET', '/v1/disk-details', async ({ response }) => sendJson(response, await engine.diskDetails()));
  router.on('POST', '/v1/image-prune', async ({ request, response }) => {
    sendJson(response, await engine.imagePrune(await readJson<ImagePruneRequest>(request)));
  });
}
