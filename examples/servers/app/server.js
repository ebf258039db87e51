/**
 * Counts visits in Redis and keeps notes in PostgreSQL.
 *
 *     GET  /        {visits, notes}
 *     POST /notes   {text} -> 201 note
 */
import { createServer } from 'node:http';
import { postgresClient } from './postgres.js';
import { redisClient } from './redis.js';

const { env } = process;
const MAX_BODY_BYTES = 16 * 1024;

const redis = redisClient({ host: env.REDIS_HOST ?? '127.0.0.1', port: env.REDIS_PORT });
const postgres = postgresClient({
  host: env.POSTGRES_HOST ?? '127.0.0.1',
  port: env.POSTGRES_PORT,
  user: env.POSTGRES_USER ?? 'app',
  database: env.POSTGRES_DB ?? 'app',
});

await postgres.query(
  'create table if not exists note (id serial primary key, text text not null, made timestamptz not null default now())',
);

const ROUTES = { 'GET /': show, 'POST /notes': addNote, 'GET /health': health };

const server = createServer(async (request, response) => {
  const handle = ROUTES[`${request.method} ${request.url}`] ?? notFound;
  const [status, body] = await handle(request).catch(failed);
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
});
server.listen(Number(env.PORT ?? 3000), () => console.log(`listening on port ${env.PORT ?? 3000}`));
process.once('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});

async function show() {
  const visits = await redis.command('INCR', 'visits');
  const notes = await postgres.query('select id::int, text, made from note order by id desc limit 20');
  return [200, { visits, notes }];
}

async function addNote(request) {
  const note = await readJson(request);
  if (typeof note?.text !== 'string' || note.text === '') return [400, { error: 'the body is {"text": "..."}' }];
  const [row] = await postgres.query('insert into note (text) values ($1) returning id, text, made', note.text);
  return [201, row];
}

async function health() {
  await Promise.all([redis.command('PING'), postgres.query('select 1')]);
  return [200, { redis: 'ok', postgres: 'ok' }];
}

async function notFound(request) {
  return [404, { error: `there is no ${request.method} ${request.url}` }];
}

function failed(error) {
  console.error(error.message);
  return [503, { error: error.message }];
}

/** The value, or undefined when the body is none. */
async function readJson(request) {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) {
    body += chunk;
    if (body.length > MAX_BODY_BYTES) return undefined;
  }
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
