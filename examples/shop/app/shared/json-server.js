/**
 * A JSON server over HTTP: routes in, a listening server out.
 *
 * Owns reading and size of bodies, error answers and ending on SIGTERM. A
 * route is [method, pattern, handler]; the handler's value is the answer.
 */
import { createServer } from 'node:http';
import { log } from './log.js';

const MAX_BODY_BYTES = 64 * 1024;

/** An answer other than 200: thrown by handlers. */
export class HttpError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Serves until SIGTERM or SIGINT, then lets open requests finish and calls `beforeExit`. */
export function serveJson(port, routes, beforeExit = async () => {}) {
  const server = createServer((request, response) => void answer(routes, request, response));
  endOnSignal(server, beforeExit);
  server.listen(port, () => log(`listening on port ${port}`));
  return server;
}

export function endOnSignal(server, beforeExit = async () => {}) {
  const end = (signal) => {
    log(`${signal}: finishing open requests`);
    server.close(() => beforeExit().then(() => process.exit(0)));
    server.closeIdleConnections();
  };
  process.once('SIGTERM', end);
  process.once('SIGINT', end);
}

async function answer(routes, request, response) {
  try {
    const { status = 200, body } = await dispatch(routes, request, response);
    sendJson(response, status, body);
  } catch (error) {
    if (!(error instanceof HttpError)) log(`${request.method} ${request.url} failed: ${error.stack}`);
    sendJson(response, error.status ?? 500, { error: error.status ? error.message : 'internal error' });
  }
}

async function dispatch(routes, request, response) {
  const url = new URL(request.url, 'http://localhost');
  const matching = routes.map(([method, pattern, handle]) => ({ method, handle, match: pattern.exec(url.pathname) }));
  const known = matching.filter((route) => route.match);
  const route = known.find((candidate) => candidate.method === request.method);
  if (known.length === 0) throw new HttpError(404, `there is no ${url.pathname}`);
  if (!route) throw new HttpError(405, `${url.pathname} does not take ${request.method}`);
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const body = request.method === 'POST' ? await readJson(request) : undefined;
  const names = route.match.slice(1).map(decodeURIComponent);
  return await route.handle({ names, query: url.searchParams, body, gone: gone.signal });
}

export function sendJson(response, status, body) {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
}

async function readJson(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new HttpError(413, `a body of more than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new HttpError(400, 'the body is not JSON');
  }
}
