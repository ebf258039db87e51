/** The store as api and worker see it; a store that does not answer is an HttpError 503. */
import { HttpError } from './json-server.js';

const STORE_URL = process.env.STORE_URL ?? 'http://127.0.0.1:4000';

/** Takes effect as a whole, and is on disk when this resolves. */
export const write = (...changes) => ask('POST', '/write', { body: changes });

/** Values of all keys that begin so, in order of key. */
export const list = (prefix) => ask('GET', `/keys?prefix=${encodeURIComponent(prefix)}`);

/** A value, or undefined. */
export async function get(key) {
  const { found, value } = await ask('GET', `/keys/${encodeURIComponent(key)}`);
  return found ? value : undefined;
}

/** Waits up to `seconds` for an entry; undefined when none came. It comes again unless a write acknowledges it. */
export async function take(queue, seconds, signal) {
  const { entry } = await ask('POST', `/queues/${queue}/take?seconds=${seconds}`, { body: {}, signal });
  return entry ?? undefined;
}

export const isHealthy = () =>
  ask('GET', '/health', { signal: AbortSignal.timeout(1000) }).then(
    () => true,
    () => false,
  );

async function ask(method, path, { body, signal } = {}) {
  const init = { method, signal, body: body && JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const response = await fetch(STORE_URL + path, init).catch(unavailable);
  const value = await response.json();
  if (!response.ok) throw new Error(`store: ${method} ${path}: ${response.status} ${value.error}`);
  return value;
}

/** fetch says the same `TypeError: fetch failed` for all ways not to reach a server; an abort is the caller's own. */
function unavailable(error) {
  if (error instanceof TypeError) throw new HttpError(503, 'the store does not answer');
  throw error;
}
