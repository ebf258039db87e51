/**
 * Where the results of build steps come from and go to: the words of `cache_from`, `cache_to` and their flags.
 *
 * Pure; the forms are docker build's. What is not known is said by its name.
 */
import { BerthError } from '../base/errors.ts';

/** `tag`: which of the caches in a folder. */
export type CacheFrom =
  | { readonly kind: 'local'; readonly path: string; readonly tag: string }
  | { readonly kind: 'registry'; readonly reference: string };

/** Layers of the result alone, or of every step. */
export type CacheMode = 'min' | 'max';

export type CacheTo =
  | { readonly kind: 'inline' }
  | (CacheFrom & {
      readonly mode: CacheMode;
      /** A failure is a warning. */
      readonly mayFail: boolean;
    });

type Words = ReadonlyMap<string, string>;

/** `resolvePath` makes paths absolute. USAGE for what can not be read. */
export function parseCacheFrom(text: string, resolvePath: (path: string) => string): CacheFrom {
  const words = wordsOf(text);
  const type = words.get('type');
  switch (type) {
    case 'local': {
      only(words, ['type', 'src', 'tag'], text);
      return { kind: 'local', path: resolvePath(needed(words, 'src', text)), tag: words.get('tag') ?? 'latest' };
    }
    case 'registry':
      only(words, ['type', 'ref'], text);
      return { kind: 'registry', reference: needed(words, 'ref', text) };
    default:
      throw unknownType(text, type, 'local or registry');
  }
}

/** As parseCacheFrom(). */
export function parseCacheTo(text: string, resolvePath: (path: string) => string): CacheTo {
  const words = wordsOf(text);
  const type = words.get('type');
  const more = ['type', 'mode', 'ignore-error', ...Object.keys(FIXED)];
  switch (type) {
    case 'inline':
      only(words, ['type', ...Object.keys(FIXED)], text);
      return { kind: 'inline' };
    case 'local': {
      only(words, [...more, 'dest', 'tag'], text);
      const path = resolvePath(needed(words, 'dest', text));
      return { kind: 'local', path, tag: words.get('tag') ?? 'latest', ...behaviourOf(words, text) };
    }
    case 'registry':
      only(words, [...more, 'ref'], text);
      return { kind: 'registry', reference: needed(words, 'ref', text), ...behaviourOf(words, text) };
    default:
      throw unknownType(text, type, 'local, registry or inline');
  }
}

/** A name alone is that of an image. */
function wordsOf(text: string): Words {
  if (text.trim() === '') return new Map();
  const isName = !text.includes('=');
  const words = new Map<string, string>();
  for (const part of isName ? ['type=registry', `ref=${text}`] : text.split(',')) {
    const at = part.indexOf('=');
    if (at < 1) throw usage(`cache ${text}: ${part} has no value`, 'write type=registry,ref=NAME');
    const name = part.slice(0, at).trim().toLowerCase();
    if (words.has(name)) throw usage(`cache ${text}: ${name} is given twice`);
    words.set(name, part.slice(at + 1));
  }
  return words;
}

function needed(words: Words, name: string, text: string): string {
  const value = words.get(name);
  if (value) return value;
  throw usage(`cache ${text} has no ${name}`, `add ${name}=...`);
}

/** How a cache is written here; other values are refused. */
const FIXED: Readonly<Record<string, string>> = { 'oci-mediatypes': 'true', 'image-manifest': 'true' };

function only(words: Words, known: readonly string[], text: string): void {
  for (const [name, value] of words) {
    const fixed = FIXED[name];
    if (!known.includes(name))
      throw usage(`cache ${text}: ${name} is not known there`, `known: ${known.slice(1).join(', ')}`);
    if (fixed !== undefined && value !== fixed) throw usage(`cache ${text}: ${name} is always ${fixed} in berth`);
  }
}

function behaviourOf(words: Words, text: string): { readonly mode: CacheMode; readonly mayFail: boolean } {
  const mode = words.get('mode') ?? 'min';
  if (mode !== 'min' && mode !== 'max') throw usage(`cache ${text}: mode is min or max, not ${mode}`);
  const word = words.get('ignore-error') ?? 'false';
  if (word !== 'true' && word !== 'false') throw usage(`cache ${text}: ignore-error is true or false, not ${word}`);
  return { mode, mayFail: word === 'true' };
}

const SERVICES: Readonly<Record<string, string>> = {
  gha: "GitHub's service takes it from their own builder only: write a folder (type=local) and keep it with their cache action",
  s3: 'write a folder (type=local) and copy it, or use a registry',
  azblob: 'write a folder (type=local) and copy it, or use a registry',
};

function unknownType(text: string, type: string | undefined, known: string): BerthError {
  if (type === undefined) return usage(`cache ${text} has no type`, `it is ${known}`);
  return usage(`cache type=${type} is not supported by berth`, SERVICES[type] ?? `it is ${known}`);
}

function usage(message: string, hint?: string): BerthError {
  return new BerthError('USAGE', message, { hint });
}
