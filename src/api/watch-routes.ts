/**
 * Routes of watched files.
 */
import type { Engine } from '../engine/engine.ts';
import type { WatchRequest } from '../engine/watching/watch-calls.ts';
import { readJson, sendJson } from './body.ts';
import type { Router } from './router.ts';

export function watchRoutes(router: Router, engine: Engine): void {
  router.on('GET', '/v1/watches', async ({ response, query }) => {
    sendJson(response, await engine.watchStatus(query.get('stack') ?? undefined));
  });
  router.on('POST', '/v1/stacks/:stack/watch', async ({ request, response }) => {
    sendJson(response, await engine.watchStart(await readJson<WatchRequest>(request)));
  });
  router.on('POST', '/v1/stacks/:stack/unwatch', async ({ response, params }) => {
    sendJson(response, await engine.watchEnd(params.stack!));
  });
}
