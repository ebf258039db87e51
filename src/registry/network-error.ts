/**
 * A failed connection as a sentence, with what to do about it.
 */
import { BerthError, errnoOf } from '../base/errors.ts';

const HINTS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'check the name of the registry, and the name servers of this machine',
  EAI_AGAIN: 'check the network, and the name servers of this machine',
  ECONNREFUSED: 'is the registry running, and is the port right?',
  SELF_SIGNED_CERT_IN_CHAIN: 'put its authority into /etc/berth/certs.d/HOST/ca.crt',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'put its certificate into /etc/berth/certs.d/HOST/ca.crt',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'put its authority into /etc/berth/certs.d/HOST/ca.crt',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'put its authority into /etc/berth/certs.d/HOST/ca.crt',
  ERR_SSL_WRONG_VERSION_NUMBER: 'if the registry speaks plain HTTP, mark it as insecure in /etc/berth/registries.json',
  EPROTO: 'if the registry speaks plain HTTP, mark it as insecure in /etc/berth/registries.json',
};

/** REGISTRY_UNREACHABLE, without what a URL may keep secret. */
export function networkError(url: URL, cause: unknown): BerthError {
  if (cause instanceof BerthError) return cause;
  const code = errnoOf(firstOf(cause)) ?? '';
  const why = firstOf(cause) instanceof Error ? (firstOf(cause) as Error).message : String(cause);
  return new BerthError('REGISTRY_UNREACHABLE', `${url.host} can not be reached: ${why || code}`, {
    hint: HINTS[code]?.replace('HOST', url.host) ?? 'check the network, and HTTPS_PROXY where there is a proxy',
    cause,
  });
}

/** A name with several addresses fails with one error for each. */
function firstOf(cause: unknown): unknown {
  return cause instanceof AggregateError ? cause.errors[0] : cause;
}
