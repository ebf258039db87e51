/**
 * From a registry's challenge to the Authorization header that answers it.
 *
 * Docker's token specification and OAuth 2: a password or identity token is
 * traded for a token of one scope. What is secret is sent to the registry
 * itself or to the realm it names, never over a weaker connection than the
 * registry's own, and never to where a redirect leads.
 */
import { BerthError } from '../base/errors.ts';
import { type Challenge, parseChallenges } from './challenge.ts';
import { basicHeader, type Secret } from './secret.ts';
import type { HttpAnswer, TlsSettings, Transport } from './transport.ts';

export type Authorizer = {
  /** The header for a scope, as far as it is known; undefined: none. */
  header(scope: string): string | undefined;
  /** Answers a 401. false: nothing more can be offered. */
  answer(refusal: Refusal, signal?: AbortSignal): Promise<boolean>;
};

export type Refusal = {
  readonly challenge: string | undefined;
  readonly scope: string;
  /** The header that was refused. */
  readonly sent: string | undefined;
};

export type AuthorizerOptions = {
  readonly transport: Transport;
  readonly base: URL;
  readonly tls: TlsSettings;
  readonly secret: () => Promise<Secret | undefined>;
};

type Token = { readonly value: string; readonly untilMs: number };

const MAX_TOKEN_BYTES = 1 << 20;
/** What a token service means when it does not say; Docker's token specification. */
const DEFAULT_SECONDS = 60;
/** A token that is about to end is not begun with. */
const MARGIN_MS = 5_000;

export function authorizer(options: AuthorizerOptions): Authorizer {
  const tokens = new Map<string, Token>();
  let basic: string | undefined;
  const asking = new Map<string, Promise<boolean>>();

  const tokenFor = async (challenge: Bearer, scope: string, signal?: AbortSignal) => {
    const token = await fetchToken(options, { ...challenge, scope: scope || challenge.scope }, signal);
    tokens.set(scope, token);
    return true;
  };

  const header = (scope: string) => {
    const token = tokens.get(scope);
    return token && Date.now() < token.untilMs - MARGIN_MS ? `Bearer ${token.value}` : basic;
  };

  return {
    header,
    async answer({ challenge, scope, sent }, signal) {
      /* A request beside this one has got it meanwhile. */
      if (header(scope) !== undefined && header(scope) !== sent) return true;
      const challenges = parseChallenges(challenge ?? '');
      const bearer = challenges.find((one) => one.kind === 'bearer');
      const secret = await options.secret();
      if (secret?.kind === 'bearer') {
        if (tokens.get(scope)?.value === secret.token) return false;
        tokens.set(scope, { value: secret.token, untilMs: Number.POSITIVE_INFINITY });
        return true;
      }
      if (bearer) {
        /* Layers that are fetched side by side need one token, not one each. */
        const running = asking.get(scope) ?? tokenFor(bearer, scope, signal).finally(() => asking.delete(scope));
        asking.set(scope, running);
        return await running;
      }
      if (!challenges.some((one) => one.kind === 'basic') || secret?.kind !== 'password') return false;
      basic = basicHeader(secret);
      return basic !== sent;
    },
  };
}

type Bearer = Extract<Challenge, { kind: 'bearer' }>;

async function fetchToken(options: AuthorizerOptions, challenge: Bearer, signal?: AbortSignal): Promise<Token> {
  const realm = realmOf(challenge, options.base);
  const secret = await options.secret();
  const ask =
    secret?.kind === 'identity' ? oauthRequest(realm, challenge, secret.token) : tokenRequest(realm, challenge, secret);
  /* The registry's client certificate and lax TLS are for the registry, not for whom it points at. */
  const tls = realm.host === options.base.host ? options.tls : { verify: options.tls.verify, ca: options.tls.ca };
  const answer = await options.transport.send({ ...ask, tls, signal });
  const text = await textOf(answer, MAX_TOKEN_BYTES);
  if (answer.status !== 200) throw denied(realm, answer.status, secret !== undefined);
  return tokenOf(text, realm);
}

function realmOf({ realm }: Bearer, base: URL): URL {
  if (!URL.canParse(realm)) throw badRealm(base, realm);
  const url = new URL(realm);
  const isAsSafe = url.protocol === 'https:' || (url.protocol === 'http:' && base.protocol === 'http:');
  if (!isAsSafe || url.username !== '') throw badRealm(base, `${url.protocol}//${url.host}`);
  return url;
}

function tokenRequest(realm: URL, { service, scope }: Bearer, secret: Secret | undefined) {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set('service', service);
  for (const one of scopesOf(scope)) url.searchParams.append('scope', one);
  if (secret?.kind !== 'password') return { method: 'GET' as const, url };
  url.searchParams.set('account', secret.user);
  return { method: 'GET' as const, url, headers: { authorization: basicHeader(secret) } };
}

function oauthRequest(realm: URL, { service, scope }: Bearer, token: string) {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    service: service ?? '',
    client_id: 'berth',
    scope: scope ?? '',
    refresh_token: token,
  });
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return { method: 'POST' as const, url: realm, headers, body: Buffer.from(form.toString()) };
}

function scopesOf(scope: string | undefined): string[] {
  return scope === undefined ? [] : scope.split(' ').filter((one) => one !== '');
}

function tokenOf(text: string, realm: URL): Token {
  const value = parsed(text);
  const token = value?.token || value?.access_token;
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
    throw new BerthError('REGISTRY_FAILED', `${realm.host} answered without a token`);
  }
  const seconds = typeof value?.expires_in === 'number' && value.expires_in > 0 ? value.expires_in : DEFAULT_SECONDS;
  return { value: token, untilMs: Date.now() + seconds * 1000 };
}

function parsed(
  text: string,
): { readonly token?: unknown; readonly access_token?: unknown; readonly expires_in?: unknown } | undefined {
  try {
    return JSON.parse(text) as { token?: unknown };
  } catch {
    return undefined;
  }
}

/** The body of an answer that is small; more than that is cut off with REGISTRY_FAILED. */
export async function textOf({ body }: HttpAnswer, maxBytes: number): Promise<string> {
  return (await bytesOf(body, maxBytes)).toString();
}

export async function bytesOf(body: HttpAnswer['body'], maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) {
      body.destroy();
      throw new BerthError('REGISTRY_FAILED', `the registry's answer is longer than ${maxBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function denied(realm: URL, status: number, hadSecret: boolean): BerthError {
  if (status >= 500)
    return new BerthError('REGISTRY_FAILED', `${realm.host} gave no token: it answered with ${status}`);
  return new BerthError('REGISTRY_DENIED', `${realm.host} gave no token: it answered with ${status}`, {
    hint: hadSecret ? 'user or password are not (any more) right: `berth login` again' : '`berth login` first',
  });
}

function badRealm(base: URL, realm: string): BerthError {
  return new BerthError(
    'REGISTRY_FAILED',
    `${base.host} wants a token from ${JSON.stringify(realm)}, which is less safe than the registry itself`,
    { hint: 'nothing was sent there' },
  );
}
