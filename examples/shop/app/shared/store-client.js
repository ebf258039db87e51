/** The store as api and worker see it. */
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
  const response = await fetch(STORE_URL + path, init);
  const value = await response.json();
  if (!response.ok) throw new Error(`store: ${method} ${path}: ${response.status} ${value.error}`);
  return value;
}
