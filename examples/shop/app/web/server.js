/**
 * The web front: serves the page, and hands /api to the api. The only service that is published.
 */

import { readFileSync } from 'node:fs';
import { request as ask, createServer } from 'node:http';
import { endOnSignal, sendJson } from '../shared/json-server.js';
import { log } from '../shared/log.js';

const API_URL = process.env.API_URL ?? 'http://127.0.0.1:3000';
const PORT = Number(process.env.PORT ?? 8080);
const PAGES = new Map([
  ['/', page('index.html', 'text/html; charset=utf-8')],
  ['/shop.css', page('shop.css', 'text/css; charset=utf-8')],
  ['/shop.js', page('shop.js', 'text/javascript; charset=utf-8')],
]);

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  if (pathname === '/health') return sendJson(response, 200, { web: 'ok' });
  if (pathname.startsWith('/api/')) return proxy(request, response);
  const found = PAGES.get(pathname);
  if (!found) return sendJson(response, 404, { error: `there is no ${pathname}` });
  response.writeHead(200, { 'content-type': found.type, 'cache-control': 'no-cache' });
  response.end(found.bytes);
});
endOnSignal(server);
server.listen(PORT, () => log(`listening on port ${PORT}, api at ${API_URL}`));

function page(name, type) {
  return { type, bytes: readFileSync(new URL(`public/${name}`, import.meta.url)) };
}

/** The name is looked up for each request: the api may have moved to another address. */
function proxy(request, response) {
  const { host: _, ...headers } = request.headers;
  const target = new URL(request.url.slice('/api'.length), API_URL);
  const upstream = ask(target, { method: request.method, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  upstream.on('error', (error) => {
    log(`${request.method} ${request.url}: ${error.message}`);
    if (response.headersSent) response.destroy();
    else sendJson(response, 502, { error: 'the api does not answer' });
  });
  response.on('close', () => upstream.destroy());
  request.pipe(upstream);
}
