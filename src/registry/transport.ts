/**
 * One HTTP request, direct or through a proxy, with the certificates of its endpoint.
 *
 * Follows no redirect, knows no registry. Connections are kept for the next
 * request until close().
 */
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import { BerthError } from '../base/errors.ts';
import { networkError } from './network-error.ts';
import { type ProxyEnvironment, proxyFor } from './proxy.ts';
import { systemRoots } from './system-roots.ts';
import { proxyAuthorization, tunnel } from './tunnel.ts';

export type TlsSettings = {
  /** false: any certificate will do. */
  readonly verify: boolean;
  /** PEM texts, beside those of this machine. */
  readonly ca?: readonly string[];
  readonly cert?: string;
  readonly key?: string;
};

export type HttpRequest = {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | Readable;
  readonly tls: TlsSettings;
  readonly signal?: AbortSignal;
  /** Checks each address before it is connected to. */
  readonly lookup?: LookupFunction;
};

export type HttpAnswer = {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: http.IncomingMessage;
};

export type Transport = {
  /** Resolves with the head of the answer. REGISTRY_UNREACHABLE, ABORTED. */
  send(request: HttpRequest): Promise<HttpAnswer>;
  close(): void;
};

export type TransportOptions = {
  readonly env: ProxyEnvironment;
  /** Silence after which a connection counts as dead. */
  readonly idleMs: number;
};

export function openTransport({ env, idleMs }: TransportOptions): Transport {
  const agents = new Map<string, http.Agent>();
  return {
    async send(request) {
      const proxy = proxyFor(request.url, env);
      const agent = agentFor(agents, request, { proxy, idleMs });
      return await exchange(request, { agent, proxy, idleMs });
    },
    close() {
      for (const agent of agents.values()) agent.destroy();
      agents.clear();
    },
  };
}

type Way = { readonly proxy: URL | undefined; readonly idleMs: number };

function agentFor(agents: Map<string, http.Agent>, { url, tls }: HttpRequest, way: Way): http.Agent {
  const key = JSON.stringify([url.protocol, way.proxy?.href, tls.verify, tls.ca, tls.cert]);
  const known = agents.get(key);
  if (known) return known;
  const agent = url.protocol === 'https:' ? secureAgent(tls, way) : plainAgent(way);
  agents.set(key, agent);
  return agent;
}

function plainAgent({ proxy }: Way): http.Agent {
  if (proxy?.protocol === 'https:') return new https.Agent({ keepAlive: true, ca: [...systemRoots()] });
  return new http.Agent({ keepAlive: true });
}

function secureAgent({ verify, ca, cert, key }: TlsSettings, { proxy, idleMs }: Way): https.Agent {
  const options = { keepAlive: true, rejectUnauthorized: verify, cert, key, ca: [...systemRoots(), ...(ca ?? [])] };
  const agent = new https.Agent(options);
  return proxy ? Object.assign(agent, { createConnection: tunnel(proxy, { tls: options, idleMs }) }) : agent;
}

function exchange(request: HttpRequest, { agent, proxy, idleMs }: Way & { agent: http.Agent }): Promise<HttpAnswer> {
  const { url, method, signal, body } = request;
  /* Behind a tunnel the server is talked to as if there were no proxy. */
  const asked = url.protocol === 'http:' ? proxy : undefined;
  const options = { ...targetOf(request, asked), method, headers: headersOf(request, asked), agent, timeout: idleMs };
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => reject(signal?.aborted ? aborted(cause) : networkError(url, cause));
    const sent = ((asked ?? url).protocol === 'https:' ? https : http).request({ ...options, signal }, (answer) => {
      if (answer.statusCode !== 407)
        return resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: answer });
      answer.destroy();
      return fail(new Error(`the proxy ${proxy?.host ?? ''} answered with 407`));
    });
    sent.on('timeout', () => sent.destroy(new Error(`nothing came for ${idleMs / 1000} s`)));
    sent.on('error', fail);
    whenAborted(signal, sent, fail);
    if (body === undefined || Buffer.isBuffer(body)) sent.end(body);
    else sendBody(body, sent);
  });
}

function targetOf({ url, lookup }: HttpRequest, proxy: URL | undefined): http.RequestOptions {
  /* It is the proxy that looks the name up. */
  if (proxy) return { host: bare(proxy.hostname), port: proxy.port || undefined, path: url.href, setHost: false };
  const path = `${url.pathname}${url.search}`;
  return { host: bare(url.hostname), port: url.port || undefined, path, ...(lookup && { lookup }) };
}

function headersOf({ url, body, headers }: HttpRequest, proxy: URL | undefined): Record<string, string> {
  return {
    'user-agent': 'berth',
    ...(proxy && { host: url.host, ...proxyAuthorization(proxy) }),
    ...(Buffer.isBuffer(body) && { 'content-length': String(body.length) }),
    ...headers,
  };
}

function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}

/** A request that still waits for its tunnel has no socket that would tell it. */
function whenAborted(signal: AbortSignal | undefined, sent: http.ClientRequest, fail: (cause: unknown) => void): void {
  const abort = () => fail(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  sent.once('close', () => signal?.removeEventListener('abort', abort));
}

/** An answer that comes before the end of the body ends the body too: what it is read from would stay open. */
function sendBody(body: Readable, sent: http.ClientRequest): void {
  body.on('error', (error) => sent.destroy(error));
  sent.once('close', () => body.destroy());
  body.pipe(sent);
}

function aborted(cause: unknown): BerthError {
  return new BerthError('ABORTED', 'interrupted', { cause });
}
