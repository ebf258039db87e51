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
    send(request) {
      const proxy = proxyFor(request.url, env);
      const agent = agentFor(agents, request, proxy);
      return exchange(request, { agent, proxy, idleMs });
    },
    close() {
      for (const agent of agents.values()) agent.destroy();
      agents.clear();
    },
  };
}

function agentFor(agents: Map<string, http.Agent>, { url, tls }: HttpRequest, proxy: URL | undefined): http.Agent {
  const key = JSON.stringify([url.protocol, proxy?.href, tls.verify, tls.ca, tls.cert]);
  const known = agents.get(key);
  if (known) return known;
  const agent = url.protocol === 'https:' ? secureAgent(tls, proxy) : new http.Agent({ keepAlive: true });
  agents.set(key, agent);
  return agent;
}

function secureAgent({ verify, ca, cert, key }: TlsSettings, proxy: URL | undefined): https.Agent {
  const options = { keepAlive: true, rejectUnauthorized: verify, cert, key, ca: [...systemRoots(), ...(ca ?? [])] };
  const agent = new https.Agent(options);
  return proxy ? Object.assign(agent, { createConnection: tunnel(proxy, options) }) : agent;
}

type Way = { readonly agent: http.Agent; readonly proxy: URL | undefined; readonly idleMs: number };

function exchange(request: HttpRequest, { agent, proxy, idleMs }: Way): Promise<HttpAnswer> {
  const { url, method, signal, body, lookup } = request;
  const isPlainProxied = proxy !== undefined && url.protocol === 'http:';
  const target = isPlainProxied
    ? { host: proxy.hostname, port: proxy.port || 80, path: url.href, setHost: false }
    : { host: url.hostname.replace(/^\[|\]$/g, ''), port: url.port || undefined, path: `${url.pathname}${url.search}` };
  const headers = {
    'user-agent': 'berth',
    ...(isPlainProxied && { host: url.host, ...proxyAuthorization(proxy) }),
    ...(Buffer.isBuffer(body) && { 'content-length': String(body.length) }),
    ...request.headers,
  };
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown) => reject(signal?.aborted ? aborted(cause) : networkError(url, cause));
    const options = { ...target, method, headers, agent, signal, timeout: idleMs, ...(lookup && { lookup }) };
    const sent = (url.protocol === 'https:' ? https : http).request(options, (answer) => {
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: answer });
    });
    sent.on('timeout', () => sent.destroy(new Error(`nothing came for ${idleMs / 1000} s`)));
    sent.on('error', fail);
    if (body === undefined || Buffer.isBuffer(body)) sent.end(body);
    else {
      body.on('error', (error) => sent.destroy(error));
      body.pipe(sent);
    }
  });
}

function aborted(cause: unknown): BerthError {
  return new BerthError('ABORTED', 'interrupted', { cause });
}
