/**
 * Whether a service writes what it watches: each action on it changes a file that brings the next one about.
 *
 * Pure. A person can not hit the moment after a start so often in a row, and
 * always with the same file.
 */

export type Chain = {
  /** Actions in a row, each brought about by the one before. */
  readonly length: number;
  /** Files that were among the causes of each of them. */
  readonly files: ReadonlySet<string>;
};

export type Link = {
  readonly files: readonly string[];
  readonly touchedMs: number;
  /** Of the action before; null: there was none. */
  readonly before: { readonly startedMs: number; readonly endedMs: number } | null;
  readonly quietMs: number;
};

const LOOP_LENGTH = 6;
/** How soon after a start a program writes. */
const SOON_MS = 300;

/** The chain with this change at its end. */
export function chainAfter(chain: Chain, { files, touchedMs, before, quietMs }: Link): Chain {
  const follows =
    before !== null && touchedMs >= before.startedMs && touchedMs <= before.endedMs + Math.max(quietMs, SOON_MS);
  const common = follows ? files.filter((file) => chain.files.has(file)) : [];
  return common.length > 0
    ? { length: chain.length + 1, files: new Set(common) }
    : { length: 1, files: new Set(files) };
}

export function isLoop({ length }: Chain): boolean {
  return length >= LOOP_LENGTH;
}

export const NO_CHAIN: Chain = { length: 0, files: new Set() };
