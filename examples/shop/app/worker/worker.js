/**
 * The worker: takes orders from the store's queue, packs them, marks them done.
 *
 * An order is acknowledged in the write that marks it done: a worker that dies
 * in between leaves it to another. On SIGTERM it finishes the one in its hands.
 */
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { HttpError, serveJson } from '../shared/json-server.js';
import { log } from '../shared/log.js';
import { get, isHealthy, take, write } from '../shared/store-client.js';

const PACKING_MS = Number(process.env.PACKING_MS ?? 800);
const WAIT_SECONDS = 10;

const stopping = new AbortController();

const working = work();
serveJson(Number(process.env.PORT ?? 3000), [['GET', /^\/health$/, health]], () => working);
process.once('SIGTERM', () => stopping.abort());
process.once('SIGINT', () => stopping.abort());

async function work() {
  while (!stopping.signal.aborted) {
    try {
      const taken = await take('orders', WAIT_SECONDS, stopping.signal);
      if (taken) await pack(taken);
    } catch (error) {
      if (stopping.signal.aborted) return;
      log(`${error.message}: trying again`);
      await pause(500, undefined, { signal: stopping.signal }).catch(() => {});
    }
  }
}

async function pack({ id, entry }) {
  const key = `order:${entry.order}`;
  const order = await get(key);
  const changes = order?.status === 'new' ? [{ set: key, value: await packed(order) }] : [];
  await write(...changes, { ack: 'orders', id });
}

async function packed(order) {
  log(`packing ${order.id}: ${order.quantity} x ${order.item}`);
  await pause(PACKING_MS);
  return { ...order, status: 'done', packedBy: hostname(), doneAt: new Date().toISOString() };
}

async function health() {
  if (!(await isHealthy())) throw new HttpError(503, 'the store does not answer');
  return { body: { store: 'ok' } };
}
