/**
 * The calls about networks over the unix socket.
 */
import type { NetworkCalls } from '../engine/networks/network-requests.ts';
import { askJson } from './request.ts';

export function networkClient(socketPath: string): NetworkCalls {
  const get = <T>(path: string) => askJson<T>(socketPath, { method: 'GET', path });
  const post = <T>(path: string, json: unknown) => askJson<T>(socketPath, { method: 'POST', path, json });
  return {
    networks: () => get('/v1/networks'),
    networkInspect: (name) => get(pathOf(name)),
    networkCreate: (request) => post('/v1/networks', request),
    networkRemove: (name) => askJson(socketPath, { method: 'DELETE', path: pathOf(name) }),
    networkPrune: (request) => post('/v1/prune-networks', request),
    networkConnect: (request) => post(`${pathOf(request.network)}/connect`, request),
    networkDisconnect: (request) => post(`${pathOf(request.network)}/disconnect`, request),
  };
}

function pathOf(name: string): string {
  return `/v1/networks/${encodeURIComponent(name)}`;
}
