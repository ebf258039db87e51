/**
 * The engine's HTTP server on its unix socket.
 *
 * Only root may connect (mode 0600 from the first instant). Counts open
 * connections, so that the engine knows when nobody talks to it.
 */

import { rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { BerthError } from '../base/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { sendError } from './body.ts';
import type { Router } from './router.ts';
import { routesOf } from './routes.ts';
import { API_VERSION, SESSION, VERSION_HEADER } from './wire-names.ts';

export type ApiServer = {
  /** Requests and sessions that are under way. */
  busy(): number;
  /** Stops listening, and waits at most `graceMs` for what is under way. */
  close(graceMs: number): Promise<void>;
};

export type ServeOptions = { readonly socketPath: string; readonly engine: Engine; readonly onActivity: () => void };

/** Listens on `socketPath`; a socket that is left from before is replaced, since the caller holds the engine's lock. */
export async function serveApi({ socketPath, engine, onActivity }: ServeOptions): Promise<ApiServer> {
  const router = routesOf(engine);
  const work = new Set<Promise<void>>();
  const track = (promise: Promise<void>) => {
    work.add(promise);
    onActivity();
    void promise.finally(() => {
      work.delete(promise);
      onActivity();
    });
  };
  const server = createServer((request, response) => track(answer(router, request, response)));
  server.requestTimeout = 0;
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (head.length > 0) socket.unshift(head);
    track(upgrade(router, request, socket));
  });
  await rm(socketPath, { force: true });
  await listen(server, socketPath);
  return {
    busy: () => work.size,
    async close(graceMs) {
      server.close();
      await Promise.race([
        Promise.allSettled([...work]),
        new Promise((resolve) => setTimeout(resolve, graceMs).unref()),
      ]);
      server.closeAllConnections();
      await rm(socketPath, { force: true });
    },
  };
}

function listen(server: Server, path: string): Promise<void> {
  const before = process.umask(0o177);
  return new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  }).finally(() => process.umask(before));
}

async function answer(router: Router, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  response.setHeader(VERSION_HEADER, API_VERSION);
  try {
    const found = router.find(request.method ?? 'GET', request.url ?? '/');
    if (!found) throw new BerthError('REQUEST_INVALID', `there is no ${request.method} ${request.url}`);
    refuseOtherVersion(request);
    await found.handler({ ...found, request, response, signal: gone.signal });
  } catch (error) {
    if (response.headersSent) response.destroy();
    else sendError(response, error);
  }
}

async function upgrade(router: Router, request: IncomingMessage, socket: Duplex): Promise<void> {
  const found = request.headers.upgrade === SESSION ? router.findSession(request.url ?? '/') : undefined;
  if (!found) {
    socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
    return;
  }
  socket.on('error', () => {});
  await found.handler({ request, socket, params: found.params }).catch(() => socket.destroy());
}

/** `stop` is understood by every version, so that a newer command can replace an older engine. */
function refuseOtherVersion(request: IncomingMessage): void {
  const asked = request.headers[VERSION_HEADER];
  if (asked === undefined || asked === API_VERSION || request.url === '/v1/stop') return;
  throw new BerthError('ENGINE_VERSION_MISMATCH', `the engine speaks version ${API_VERSION}, the command ${asked}`, {
    hint: 'run `berth engine stop`; containers go on, and the next command starts the new engine',
  });
}
