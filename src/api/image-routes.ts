/**
 * Routes of images and registries.
 */
import type { Engine } from '../engine/engine.ts';
import type { PullRequest } from '../engine/image-calls.ts';
import { readJson, sendEvents, sendJson } from './body.ts';
import type { Router } from './router.ts';

export function imageRoutes(router: Router, engine: Engine): void {
  router.on('GET', '/v1/images', async ({ response }) => sendJson(response, await engine.images()));
  router.on('GET', '/v1/images/:reference', async ({ response, params }) => {
    sendJson(response, await engine.imageInspect(params.reference!));
  });
  router.on('DELETE', '/v1/images/:reference', async ({ response, params }) => {
    sendJson(response, await engine.imageRemove(params.reference!));
  });
  router.on('POST', '/v1/images/:reference/import', (exchange) =>
    sendEvents(exchange, (watch) => engine.imageImport(exchange.request, exchange.params.reference!, watch)),
  );
  router.on('POST', '/v1/pull', async (exchange) => {
    const body = await readJson<PullRequest>(exchange.request);
    await sendEvents(exchange, (watch) => engine.imagePull(body, watch));
  });
}
