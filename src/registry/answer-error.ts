/**
 * An answer that is no success -> the error a person reads. OCI distribution-spec, "Error Codes".
 *
 * Pure.
 */
import { BerthError } from '../base/errors.ts';

export type BadAnswer = {
  readonly host: string;
  readonly path: string;
  readonly status: number;
  readonly text: string;
  readonly retryAfterMs: number | undefined;
};

export function answerError({ host, path, status, text, retryAfterMs }: BadAnswer): BerthError {
  const what = whatOf(path, host);
  const words = wordsOf(text);
  const said = words === undefined ? '' : `: ${words}`;
  if (status === 401 || status === 403) {
    return new BerthError('REGISTRY_DENIED', `${what} is not open to you (${status}${said})`, {
      hint: `\`berth login ${host === 'registry-1.docker.io' ? '' : host}\` first, or check the name: registries often do not tell what does not exist`.replace(
        ' `',
        '`',
      ),
    });
  }
  if (status === 404)
    return new BerthError('IMAGE_NOT_FOUND', `${what} does not exist${said}`, {
      hint: 'check name and tag; `berth tags NAME` lists what there is',
    });
  if (status === 429) {
    const wait = retryAfterMs === undefined ? 'later' : `in ${Math.ceil(retryAfterMs / 1000)} s`;
    return new BerthError('REGISTRY_LIMITED', `${host} answers no more for now (429${said})`, {
      hint: `try again ${wait}; those who log in may mostly ask more often`,
    });
  }
  return new BerthError('REGISTRY_FAILED', `${what}: ${host} answered with ${status}${said}`, {
    hint: status >= 500 ? 'the registry has a problem: try again later' : 'what came is not what a registry answers',
  });
}

function whatOf(path: string, host: string): string {
  const match = /^(?:\/.*)?\/v2\/(.+)\/(manifests|blobs|tags|referrers)\/(.+)$/.exec(path);
  if (!match) return host;
  const [, repository, kind, rest = ''] = match;
  if (kind === 'manifests') return `image ${host}/${repository}${rest.includes(':') ? '@' : ':'}${rest}`;
  if (kind === 'blobs' && !rest.startsWith('uploads')) return `layer ${rest.slice(0, 19)} of ${host}/${repository}`;
  return `${host}/${repository}`;
}

/** The registry's own words, in one short line without control characters. */
function wordsOf(text: string): string | undefined {
  try {
    const { errors } = JSON.parse(text) as { errors?: readonly { code?: unknown; message?: unknown }[] };
    const first = errors?.[0];
    const words = first?.message || first?.code;
    return typeof words === 'string' ? words.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 200) : undefined;
  } catch {
    return undefined;
  }
}
