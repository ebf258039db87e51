/**
 * The api: orders as JSON. Keeps nothing itself.
 *
 *     POST /orders      {item, quantity} -> 201 order
 *     GET  /orders      newest first
 *     GET  /orders/ID
 */
import { randomBytes } from 'node:crypto';
import { HttpError, serveJson } from '../shared/json-server.js';
import { log } from '../shared/log.js';
import { get, isHealthy, list, write } from '../shared/store-client.js';

const MAX_LISTED = 100;

serveJson(Number(process.env.PORT ?? 3000), [
  ['GET', /^\/health$/, health],
  ['GET', /^\/orders$/, async () => ({ body: (await list('order:')).reverse().slice(0, MAX_LISTED) })],
  ['POST', /^\/orders$/, ({ body }) => createOrder(body)],
  ['GET', /^\/orders\/([\w-]+)$/, ({ names: [id] }) => findOrder(id)],
]);

async function createOrder(body) {
  const { item, quantity } = checked(body);
  const order = { id: newId(), item, quantity, status: 'new', createdAt: new Date().toISOString() };
  await write({ set: `order:${order.id}`, value: order }, { push: 'orders', id: order.id, entry: { order: order.id } });
  log(`order ${order.id}: ${quantity} x ${item}`);
  return { status: 201, body: order };
}

async function findOrder(id) {
  const order = await get(`order:${id}`);
  if (!order) throw new HttpError(404, `there is no order ${id}`);
  return { body: order };
}

async function health() {
  if (!(await isHealthy())) throw new HttpError(503, 'the store does not answer');
  return { body: { store: 'ok' } };
}

function checked(body) {
  const item = typeof body?.item === 'string' ? body.item.trim() : '';
  const quantity = body?.quantity ?? 1;
  if (item === '' || item.length > 80) throw new HttpError(400, 'item is a text of 1 to 80 characters');
  if (!Number.isInteger(quantity) || quantity < 1 || quantity > 99) throw new HttpError(400, 'quantity is 1 to 99');
  return { item, quantity };
}

/** Begins with the time, so that the order of keys is that of time. */
function newId() {
  return `${Date.now().toString(36)}-${randomBytes(3).toString('hex')}`;
}
