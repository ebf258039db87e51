/**
 * Takes jobs: POST /jobs {"text": "..."} -> 202, GET /jobs -> what is waiting and the last results.
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { redisClient } from './redis.js';

const redis = redisClient({ host: process.env.REDIS_HOST ?? '127.0.0.1' });
const port = Number(process.env.PORT ?? 3000);
const ROUTES = { 'GET /jobs': listJobs, 'POST /jobs': addJob, 'GET /health': health };

const server = createServer(async (request, response) => {
  const handle = ROUTES[`${request.method} ${request.url}`] ?? notFound;
  const [status, body] = await handle(request).catch((error) => [503, { error: error.message }]);
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
});
server.listen(port, () => console.log(`listening on port ${port}`));
process.once('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});

async function addJob(request) {
  const { text } = await readJson(request);
  if (typeof text !== 'string') return [400, { error: 'the body is {"text": "..."}' }];
  const id = randomUUID();
  await redis.command('LPUSH', 'jobs', JSON.stringify({ id, text }));
  return [202, { id }];
}

async function listJobs() {
  const waiting = await redis.command('LLEN', 'jobs');
  const done = await redis.command('LRANGE', 'done', 0, 19);
  return [200, { waiting, done: done.map((line) => JSON.parse(line)) }];
}

async function health() {
  return [200, { redis: await redis.command('PING') }];
}

async function notFound(request) {
  return [404, { error: `there is no ${request.method} ${request.url}; try /jobs` }];
}

async function readJson(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) ?? {};
  } catch {
    return {};
  }
}
