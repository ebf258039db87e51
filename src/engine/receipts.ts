/**
 * Requests of `up` that came to nothing new, by what they were made of: the same command over the same files needs no
 * reading of them.
 *
 * In memory: another engine has none, and the command reads its files. A
 * receipt never says that nothing is to be done; that is planned each time.
 */
import { inputDigest } from '../base/input-digest.ts';
import type { UpRequest } from './engine.ts';

/** `key`: of command line, folder and variables; `inputs`: what was looked at on the disk, and what it was. */
export type Receipt = { readonly key: string; readonly inputs: Readonly<Record<string, string>> };

export type Receipts = {
  keep(request: UpRequest): void;
  /** The request of that key, when all that it was made of is as it was. */
  find(key: string): UpRequest | undefined;
};

const KEPT = 20;

export function receipts(): Receipts {
  const kept = new Map<string, UpRequest>();
  return {
    keep(request) {
      if (!request.receipt || !isRepeatable(request)) return;
      kept.delete(request.receipt.key);
      kept.set(request.receipt.key, request);
      const [oldest] = kept.keys();
      if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
    },
    find(key) {
      const request = kept.get(key);
      const inputs = Object.entries(request?.receipt?.inputs ?? {});
      return inputs.every(([path, digest]) => inputDigest(path) === digest) ? request : undefined;
    },
  };
}

/** What is built or fetched anew is more than the engine's part of `up`. */
function isRepeatable({ stack, pull, expected }: UpRequest): boolean {
  if (pull !== undefined || expected !== undefined) return false;
  return stack.services.every((s) => s.build === null && (s.pullPolicy === null || s.pullPolicy === 'missing'));
}
