/**
 * The routes of networks.
 */
import type { Engine } from '../engine/engine.ts';
import type {
  ConnectRequest,
  CreateNetworkRequest,
  DisconnectRequest,
  PruneNetworksRequest,
} from '../engine/networks/network-requests.ts';
import { readJson, sendJson } from './body.ts';
import type { Router } from './router.ts';

export function networkRoutes(router: Router, engine: Engine): void {
  router.on('GET', '/v1/networks', async ({ response }) => sendJson(response, await engine.networks()));
  router.on('POST', '/v1/networks', async ({ request, response }) => {
    sendJson(response, await engine.networkCreate(await readJson<CreateNetworkRequest>(request)));
  });
  router.on('GET', '/v1/networks/:name', async ({ response, params }) => {
    sendJson(response, await engine.networkInspect(params.name!));
  });
  router.on('DELETE', '/v1/networks/:name', async ({ response, params }) => {
    sendJson(response, await engine.networkRemove(params.name!));
  });
  router.on('POST', '/v1/prune-networks', async ({ request, response }) => {
    sendJson(response, await engine.networkPrune(await readJson<PruneNetworksRequest>(request)));
  });
  router.on('POST', '/v1/networks/:name/connect', async ({ request, response, params }) => {
    const body = await readJson<ConnectRequest>(request);
    sendJson(response, await engine.networkConnect({ ...body, network: params.name! }));
  });
  router.on('POST', '/v1/networks/:name/disconnect', async ({ request, response, params }) => {
    const body = await readJson<DisconnectRequest>(request);
    sendJson(response, await engine.networkDisconnect({ ...body, network: params.name! }));
  });
}
