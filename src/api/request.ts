/**
 * One HTTP request to the engine's socket.
 */
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { failpoint } from '../base/failpoint.ts';
import { connectionError } from './connection-error.ts';
import { errorOf } from './wire.ts';
import { API_VERSION, VERSION_HEADER } from './wire-names.ts';

export type Ask = {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly json?: unknown;
  readonly stream?: Readable;
  readonly signal?: AbortSignal;
};

/** The answer's value; rejects with the engine's BerthError. */
export async function askJson<T>(socketPath: string, ask: Ask): Promise<T> {
  const response = await openAnswer(socketPath, ask);
  return JSON.parse(await textOf(response)) as T;
}

/** The answer as a stream, when its status is 200. */
export async function openAnswer(socketPath: string, ask: Ask): Promise<IncomingMessage> {
  const response = await send(socketPath, ask);
  if (response.statusCode === 200) return response;
  const text = await textOf(response);
  throw errorOf(parsed(text), response.statusCode ?? 0);
}

function send(socketPath: string, { method, path, json, stream, signal }: Ask): Promise<IncomingMessage> {
  const body = json === undefined ? undefined : JSON.stringify(json);
  const headers = {
    [VERSION_HEADER]: API_VERSION,
    ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
  };
  return new Promise((resolve, reject) => {
    const request = httpRequest({ socketPath, method, path, headers, agent: false, signal }, resolve);
    request.on('error', (cause) => reject(connectionError(cause, signal)));
    if (stream) sendStream(stream, request);
    else request.end(body);
    failpoint('request.sent');
  });
}

/** A source that fails must not look like its end. */
function sendStream(stream: Readable, request: ClientRequest): void {
  stream.on('error', (error) => request.destroy(error));
  stream.pipe(request);
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch (cause) {
    throw connectionError(cause);
  }
  return Buffer.concat(chunks).toString();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
