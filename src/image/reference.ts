/**
 * Image references as Docker reads them: `redis:7` is `docker.io/library/redis:7`.
 *
 * Pure. Grammar: distribution/reference of the CNCF distribution project.
 */
import { BerthError } from '../base/errors.ts';

export type Reference = {
  /** With port when given: `docker.io`, `localhost:5000`. */
  readonly domain: string;
  readonly path: string;
  /** undefined only beside a digest. */
  readonly tag: string | undefined;
  readonly digest: string | undefined;
};

/** The reserved reference of this machine's own toolchain. */
export const HOST_IMAGE = 'host';

const DEFAULT_DOMAIN = 'docker.io';
const OFFICIAL = 'library/';
const DOMAIN =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::\d+)?$|^\[[0-9a-fA-F:]+\](?::\d+)?$/;
const PATH = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[0-9a-fA-F]{32,}$/;
const MAX_PATH = 255;

/** IMAGE_REFERENCE_INVALID with what is wrong. */
export function parseReference(text: string): Reference {
  const [name = '', digest] = splitOnce(text, '@');
  const colon = name.lastIndexOf(':');
  const hasTag = colon > name.lastIndexOf('/');
  const tag = hasTag ? name.slice(colon + 1) : undefined;
  const { domain, path } = splitDomain(hasTag ? name.slice(0, colon) : name);
  if (!DOMAIN.test(domain)) throw invalid(text, `"${domain}" is no host name`);
  if (path === '' || path === OFFICIAL) throw invalid(text, 'it has no name');
  if (path !== path.toLowerCase()) throw invalid(text, 'names are lower case');
  if (path.length > MAX_PATH || !PATH.test(path)) throw invalid(text, `"${path}" is no name`);
  if (tag !== undefined && !TAG.test(tag)) throw invalid(text, `"${tag}" is no tag`);
  if (digest !== undefined && !DIGEST.test(digest)) throw invalid(text, `"${digest}" is no digest`);
  return { domain, path, tag: tag ?? (digest === undefined ? 'latest' : undefined), digest };
}

/** In full: `docker.io/library/redis:7`. */
export function canonicalName({ domain, path, tag, digest }: Reference): string {
  return `${domain}/${path}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** As people write it: `redis:7`. In full where the short form would mean another domain (`docker.io/a.b/c`). */
export function familiarName(canonical: string): string {
  const short = canonical.replace(/^docker\.io\/(?:library\/(?=[^/]*$))?/, '');
  const { domain } = splitDomain(short);
  return canonical.startsWith(`${domain}/`) ? short : canonical;
}

function splitDomain(name: string): { domain: string; path: string } {
  const [first = '', rest] = splitOnce(name, '/');
  const isDomain = rest !== undefined && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
  const domain = isDomain ? (first === 'index.docker.io' ? DEFAULT_DOMAIN : first) : DEFAULT_DOMAIN;
  const path = isDomain ? rest : name;
  return { domain, path: domain === DEFAULT_DOMAIN && !path.includes('/') ? `${OFFICIAL}${path}` : path };
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}

function invalid(text: string, why: string): BerthError {
  return new BerthError('IMAGE_REFERENCE_INVALID', `"${text}" is no image reference: ${why}`, {
    hint: 'write NAME:TAG, for example redis:7 or localhost:5000/team/app:1.2',
  });
}
