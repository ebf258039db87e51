/**
 * A registry as its other files ask it: authorized requests that follow redirects, wait when told to and try again.
 *
 * OCI distribution-spec. A redirect never carries the Authorization on to
 * another origin, never leads from https to http, nor to an address where
 * only this machine's own services answer.
 */
import { lookup as resolveName } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { isIP } from 'node:net';
import type { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { BerthError } from '../base/errors.ts';
import { isForbiddenTarget, isLoopback } from './address.ts';
import { answerError } from './answer-error.ts';
import { authorizer, textOf } from './authorize.ts';
import { letGo } from './let-go.ts';
import type { Endpoint } from './registry-config.ts';
import type { Secret } from './secret.ts';
import type { HttpAnswer, HttpRequest, Transport } from './transport.ts';

export type Patience = {
  /** Tries of one request, or of one stretch of a blob without a byte. */
  readonly attempts: number;
  /** Before the second try; doubled each time. */
  readonly backoffMs: number;
  /** The longest Retry-After that is waited for. */
  readonly maxWaitMs: number;
  /** A blob's time to bring `slowBytes`, again and again. */
  readonly slowMs: number;
  readonly slowBytes: number;
};

export const PATIENCE: Patience = { attempts: 5, backoffMs: 500, maxWaitMs: 120_000, slowMs: 60_000, slowBytes: 4096 };

export type Ask = {
  readonly method: HttpRequest['method'];
  /** Path below the registry's base, or a URL the registry gave (an upload's location). */
  readonly path: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** Made anew for each try. */
  readonly body?: () => Buffer | Readable;
  /** `repository:team/app:pull`; '' for none. */
  readonly scope: string;
  readonly signal?: AbortSignal;
  /** Not tried again when it broke off: the registry may have taken a part of it. */
  readonly isOnce?: boolean;
  /** Statuses besides 2xx that the caller wants to see. */
  readonly accept?: readonly number[];
};

export type RegistryClient = {
  readonly endpoint: Endpoint;
  readonly patience: Patience;
  /** The answer's head; its body is to be read or destroyed. REGISTRY_DENIED, REGISTRY_FAILED, REGISTRY_UNREACHABLE, IMAGE_NOT_FOUND. */
  ask(ask: Ask): Promise<HttpAnswer>;
  /** The URL of a path. */
  urlOf(path: string): URL;
};

export type ClientOptions = {
  readonly transport: Transport;
  readonly endpoint: Endpoint;
  readonly secret: () => Promise<Secret | undefined>;
  readonly patience: Patience;
};

const MAX_HOPS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];
const MAX_ERROR_BYTES = 64 * 1024;

export function registryClient({ transport, endpoint, secret, patience }: ClientOptions): RegistryClient {
  const base = new URL(endpoint.base);
  const auth = authorizer({ transport, base, tls: endpoint.tls, secret });
  const urlOf = (path: string) => new URL(`${endpoint.base}${path}`);

  const authorized = async (ask: Ask): Promise<HttpAnswer> => {
    const sent = auth.header(ask.scope);
    const first = await once(ask);
    if (first.status !== 401) return first;
    const challenge = first.headers['www-authenticate'];
    if (!(await auth.answer({ challenge, scope: ask.scope, sent }, ask.signal))) return await refused(first, ask);
    await letGo(first);
    return await once(ask);
  };

  const once = async (ask: Ask): Promise<HttpAnswer> => {
    const url = typeof ask.path === 'string' ? urlOf(ask.path) : ask.path;
    const isOwn = url.origin === base.origin;
    const authorization = isOwn ? auth.header(ask.scope) : undefined;
    const headers = { ...ask.headers, ...(authorization !== undefined && { authorization }) };
    const { method, signal } = ask;
    const answer = await transport.send({
      method,
      url,
      headers,
      body: ask.body?.(),
      tls: isOwn ? endpoint.tls : { verify: endpoint.tls.verify },
      signal,
      ...(isOwn ? {} : { lookup: safeLookup(isLoopback(hostOf(base))) }),
    });
    return REDIRECTS.includes(answer.status) && (method === 'GET' || method === 'HEAD')
      ? await follow(answer, { url, method, headers: ask.headers ?? {}, signal }, 1)
      : answer;
  };

  const follow = async (
    answer: HttpAnswer,
    from: Omit<HttpRequest, 'tls' | 'headers'> & { readonly headers: Readonly<Record<string, string>> },
    hop: number,
  ): Promise<HttpAnswer> => {
    void letGo(answer);
    const url = redirectTarget(answer, from.url, base);
    if (hop > MAX_HOPS)
      throw new BerthError('REGISTRY_FAILED', `${base.host} sends on and on: more than ${MAX_HOPS} redirects`);
    const isOwn = url.origin === base.origin;
    const next = await transport.send({
      ...from,
      url,
      tls: isOwn ? endpoint.tls : { verify: endpoint.tls.verify, ca: endpoint.tls.ca },
      lookup: safeLookup(isLoopback(hostOf(base))),
    });
    return REDIRECTS.includes(next.status) ? await follow(next, { ...from, url }, hop + 1) : next;
  };

  return {
    endpoint,
    patience,
    urlOf,
    async ask(ask) {
      for (let attempt = 1; ; attempt++) {
        const isLast = attempt >= patience.attempts;
        let waitMs = patience.backoffMs * 2 ** (attempt - 1);
        try {
          const answer = await authorized(ask);
          if (isFine(answer.status, ask)) return answer;
          const asked = retryAfterMs(answer);
          const isFailing = answer.status === 408 || answer.status >= 500;
          const isPassing = answer.status === 429 || (isFailing && !ask.isOnce);
          if (!isPassing || isLast || (asked ?? 0) > patience.maxWaitMs) return await refused(answer, ask);
          void letGo(answer);
          waitMs = asked ?? waitMs;
        } catch (error) {
          if (isLast || ask.isOnce || !isPassingError(error)) throw error;
        }
        await wait(waitMs, undefined, { signal: ask.signal }).catch((cause: unknown) => {
          throw new BerthError('ABORTED', 'interrupted', { cause });
        });
      }
    },
  };

  async function refused(answer: HttpAnswer, { path }: Ask): Promise<never> {
    const text = answer.body.destroyed ? '' : await textOf(answer, MAX_ERROR_BYTES).catch(() => '');
    throw answerError({
      host: base.host,
      path: typeof path === 'string' ? path : path.pathname,
      status: answer.status,
      text,
      retryAfterMs: retryAfterMs(answer),
    });
  }
}

function isFine(status: number, ask: Ask): boolean {
  return (status >= 200 && status < 300) || (ask.accept?.includes(status) ?? false);
}

/** A refused connection is final when it is the first thing that is heard: ping() is for that; in the middle it passes. */
function isPassingError(error: unknown): boolean {
  return (
    error instanceof BerthError &&
    error.code === 'REGISTRY_UNREACHABLE' &&
    !/certificate|CERT_|self.signed/i.test(error.message)
  );
}

function redirectTarget({ headers }: HttpAnswer, from: URL, base: URL): URL {
  const location = headers.location ?? '';
  const refuse = (why: string) =>
    new BerthError(
      'REGISTRY_FAILED',
      `${base.host} sends on to ${JSON.stringify(location.replace(/\?.*$/s, '').slice(0, 200))}, ${why}`,
      {
        hint: 'nothing was asked there',
      },
    );
  if (!URL.canParse(location, from.href)) throw refuse('which is no URL');
  const url = new URL(location, from);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refuse(`and ${url.protocol} is not followed`);
  if (from.protocol === 'https:' && url.protocol === 'http:') throw refuse('without encryption');
  if (url.username !== '') throw refuse('with a user name in it');
  const host = hostOf(url);
  if (isForbiddenTarget(host) || (isLoopback(host) && !isLoopback(hostOf(base))))
    throw refuse('an address of this machine or its network only');
  return url;
}

/** A name may resolve to what may not be written as an address either. */
function safeLookup(mayBeLoopback: boolean): LookupFunction {
  return (hostname, options, callback) => {
    resolveName(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const bad = addresses.find(
        ({ address }) => isForbiddenTarget(address) || (isLoopback(address) && !mayBeLoopback),
      );
      if (bad)
        return callback(
          new Error(`${hostname} is ${bad.address}, an address that is not asked on a registry's behalf`),
          '',
          0,
        );
      if (options.all) return (callback as unknown as (e: null, all: typeof addresses) => void)(null, addresses);
      const first = addresses[0]!;
      return callback(null, first.address, first.family);
    });
  };
}

function hostOf(url: URL): string {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return isIP(host) ? host : host.toLowerCase();
}

/** Seconds or a date; RFC 9110, section 10.2.3. */
function retryAfterMs({ headers }: HttpAnswer): number | undefined {
  const text = headers['retry-after'];
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}
