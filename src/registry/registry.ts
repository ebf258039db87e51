/**
 * A registry that answers: the endpoint that works, found by asking each of them.
 *
 * OCI distribution-spec, "Determining Support": GET /v2/.
 */
import { BerthError } from '../base/errors.ts';
import { PATIENCE, type Patience, type RegistryClient, registryClient } from './client.ts';
import { secretFor } from './credentials.ts';
import type { UserEnvironment } from './docker-config.ts';
import { letGo } from './let-go.ts';
import { type Endpoint, endpointsOf } from './registry-config.ts';
import type { Secret } from './secret.ts';
import { openTransport, type Transport } from './transport.ts';

export type RegistryOptions = {
  /** Of the person who asks: proxies, Docker's configuration, credential helpers. */
  readonly env: UserEnvironment;
  readonly patience?: Partial<Patience>;
  readonly idleMs?: number;
  readonly signal?: AbortSignal;
};

export type Registry = {
  /** Those that answer: mirrors first, the registry itself last. */
  readonly sources: readonly RegistryClient[];
  /** The registry itself: what is pushed, or asked for by a person, never goes to a mirror. Throws REGISTRY_UNREACHABLE when it is silent. */
  readonly main: RegistryClient;
  close(): void;
};

const IDLE_MS = 30_000;

/** REGISTRY_UNREACHABLE when the registry and all its mirrors are silent. To be closed. */
export async function openRegistry(domain: string, options: RegistryOptions): Promise<Registry> {
  const { env, idleMs = IDLE_MS, signal } = options;
  const transport = openTransport({ env, idleMs });
  try {
    const endpoints = endpointsOf(domain, env);
    const upstream = lazyClient(domain, options, transport);
    const mirrors: RegistryClient[] = [];
    for (const mirror of endpoints.filter((one) => one.isMirror)) {
      if (await answers(transport, mirror, signal).catch(() => false))
        mirrors.push(clientFor(new URL(mirror.base).host, mirror, options, transport));
    }
    const main = await upstream(endpoints.filter((one) => !one.isMirror)).catch((error: unknown) => {
      if (mirrors.length === 0 || (error instanceof BerthError && error.code === 'ABORTED')) throw error;
      return { error };
    });
    return {
      sources: 'error' in main ? mirrors : [...mirrors, main],
      get main() {
        if ('error' in main) throw main.error;
        return main;
      },
      close: transport.close,
    };
  } catch (error) {
    transport.close();
    throw error;
  }
}

/** REGISTRY_DENIED when user or password are wrong. */
export async function checkLogin(domain: string, secret: Secret, options: RegistryOptions): Promise<void> {
  const transport = openTransport({ env: options.env, idleMs: options.idleMs ?? IDLE_MS });
  try {
    const endpoint = await workingEndpoint(
      transport,
      endpointsOf(domain, options.env).filter((one) => !one.isMirror),
      options.signal,
    );
    const client = registryClient({ transport, endpoint, secret: async () => secret, patience: patienceOf(options) });
    const answer = await client.ask({ method: 'GET', path: '/v2/', scope: '', signal: options.signal });
    await letGo(answer);
  } finally {
    transport.close();
  }
}

function lazyClient(domain: string, options: RegistryOptions, transport: Transport) {
  return async (endpoints: readonly Endpoint[]) =>
    clientFor(domain, await workingEndpoint(transport, endpoints, options.signal), options, transport);
}

function clientFor(domain: string, endpoint: Endpoint, options: RegistryOptions, transport: Transport): RegistryClient {
  let secret: Promise<Secret | undefined> | undefined;
  return registryClient({
    transport,
    endpoint,
    patience: patienceOf(options),
    secret: () => (secret ??= secretFor(domain, options.env)),
  });
}

function patienceOf({ patience }: RegistryOptions): Patience {
  return { ...PATIENCE, ...patience };
}

async function workingEndpoint(
  transport: Transport,
  endpoints: readonly Endpoint[],
  signal: AbortSignal | undefined,
): Promise<Endpoint> {
  let first: unknown;
  for (const endpoint of endpoints) {
    try {
      if (await answers(transport, endpoint, signal)) return endpoint;
    } catch (error) {
      if (error instanceof BerthError && error.code === 'ABORTED') throw error;
      first ??= error;
    }
  }
  throw first;
}

async function answers(
  transport: Transport,
  { base, tls }: Endpoint,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const answer = await transport.send({ method: 'GET', url: new URL(`${base}/v2/`), tls, signal });
  await letGo(answer);
  return true;
}
