/**
 * Request bodies in, JSON and line-delimited answers out.
 */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { BerthError } from '../base/errors.ts';
import type { EngineEvent, Watch } from '../engine/engine.ts';
import type { Exchange } from './router.ts';
import { takeRest } from './upload.ts';
import { errorBody, statusOf } from './wire.ts';
import { NDJSON } from './wire-names.ts';

const MAX_JSON_BYTES = 64 * 1024 * 1024;

/** The JSON of a request; REQUEST_INVALID when it is none. Its shape is the client's promise: both are one package. */
export async function readJson<T>(request: IncomingMessage): Promise<T> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_JSON_BYTES)
      throw new BerthError('REQUEST_INVALID', `a request of more than ${MAX_JSON_BYTES} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString()) as T;
  } catch (cause) {
    throw new BerthError('REQUEST_INVALID', 'the request is no JSON', { cause });
  }
}

export function sendJson(response: ServerResponse, value: unknown): void {
  const text = JSON.stringify(value ?? null);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

export function sendError(response: ServerResponse, error: unknown): void {
  const body = errorBody(error);
  response.writeHead(statusOf(body.error.code), { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

/**
 * Runs a call with events: one JSON line each as they come, and `{"result": ...}` or `{"error": ...}` as the last.
 *
 * A client that goes away aborts the call.
 */
export async function sendEvents<T>(
  { request, response, signal }: Exchange,
  call: (watch: Watch) => Promise<T>,
): Promise<void> {
  response.writeHead(200, { 'content-type': NDJSON });
  response.flushHeaders();
  const line = (value: unknown) => void response.write(`${JSON.stringify(value)}\n`);
  try {
    const result = await call({ signal, onEvent: (event: EngineEvent) => line({ event }) });
    line({ result });
  } catch (error) {
    line(errorBody(error));
    /* A connection that is closed on a client that still sends takes that line away from it. */
    await takeRest(request);
  }
  response.end();
}

/** Writes and waits until the client has taken enough; false when it is gone. */
export async function writeAll(response: ServerResponse, data: Buffer): Promise<boolean> {
  if (response.destroyed) return false;
  if (!response.write(data)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
  return !response.destroyed;
}
