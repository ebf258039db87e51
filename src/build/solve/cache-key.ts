/**
 * Keys of the cache. Pure: a key is the digest of all that the result depends on, and of nothing else.
 *
 * The number goes up when the same step would give another layer.
 */
import { createHash } from 'node:crypto';

const VERSION = 1;

export type KeyPart = string | number | boolean | null | readonly KeyPart[] | { readonly [name: string]: KeyPart };

export function cacheKey(kind: string, part: KeyPart): string {
  return createHash('sha256')
    .update(JSON.stringify([VERSION, kind, part]))
    .digest('hex');
}
