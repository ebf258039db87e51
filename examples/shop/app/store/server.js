/**
 * The store: keys and queues over HTTP, each write on disk before it is answered.
 *
 *     POST /write                     [{set, value} | {remove} | {push, id, entry} | {ack, id}, ...], as a whole
 *     GET  /keys/KEY                  {found, value}
 *     GET  /keys?prefix=P             [value, ...]
 *     POST /queues/NAME/take?seconds=S   {entry: {id, entry} | null}
 */
import { join } from 'node:path';
import { HttpError, serveJson } from '../shared/json-server.js';
import { log } from '../shared/log.js';
import { compact, openJournal } from './journal.js';
import { complaintAbout, createState } from './state.js';
import { createWaiting } from './waiting.js';

const PATH = join(process.env.DATA_DIR ?? '/data', 'journal.jsonl');
const MAX_WAIT_SECONDS = 20;

const state = createState();
const waiting = createWaiting(state);

await (await openJournal(PATH, state.applyBatch)).close();
await compact(PATH, state.snapshot());
const journal = await openJournal(PATH, () => {});
log(`${state.keys.size} keys in ${PATH}`);

serveJson(
  Number(process.env.PORT ?? 4000),
  [
    ['GET', /^\/health$/, () => ({ body: { keys: state.keys.size } })],
    ['POST', /^\/write$/, ({ body }) => write(body)],
    ['GET', /^\/keys$/, ({ query }) => ({ body: valuesFrom(query.get('prefix') ?? '') })],
    [
      'GET',
      /^\/keys\/([^/]+)$/,
      ({ names: [key] }) => ({ body: { found: state.keys.has(key), value: state.keys.get(key) } }),
    ],
    ['POST', /^\/queues\/(\w+)\/take$/, take],
  ],
  () => journal.close(),
);
process.once('SIGTERM', () => waiting.giveUp());

async function write(batch) {
  if (!Array.isArray(batch)) throw new HttpError(400, 'the body is a list of changes');
  const complaint = batch.map(complaintAbout).find(Boolean);
  if (complaint) throw new HttpError(400, complaint);
  await journal.append(batch).catch(endAfterFailure);
  state.applyBatch(batch);
  waiting.serve();
  return { status: 201, body: { changes: batch.length } };
}

/** The file may end in half a line now: the next start cuts it off, going on would bury it. */
function endAfterFailure(error) {
  log(`the journal can not be written: ${error.message}`);
  process.exit(1);
}

function valuesFrom(prefix) {
  const keys = [...state.keys.keys()].filter((key) => key.startsWith(prefix)).sort();
  return keys.map((key) => state.keys.get(key));
}

async function take({ names: [queue], query, gone }) {
  const seconds = Math.min(Number(query.get('seconds') ?? 0) || 0, MAX_WAIT_SECONDS);
  const entry = await waiting.take(queue, seconds * 1000, gone);
  return { body: { entry: entry ?? null } };
}
