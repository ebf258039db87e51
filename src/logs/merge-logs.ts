/**
 * Several logs -> one in the order of time.
 *
 * Each source is in order by itself; the pieces stay whole records, and those
 * of one source in a row stay together.
 */
import { STAMP_LENGTH, splitRecords, stampAt } from './log-line.ts';

export type Piece<S> = { readonly source: S; readonly lines: Buffer };

type Cursor<S> = { readonly source: S; readonly pieces: AsyncIterator<Buffer>; bytes: Buffer };

/** Yields pieces of all sources by the time of their records. */
export async function* mergeLogs<S>(
  sources: readonly (readonly [S, AsyncIterable<Buffer>])[],
): AsyncGenerator<Piece<S>> {
  const cursors: Cursor<S>[] = sources.map(([source, pieces]) => ({
    source,
    pieces: pieces[Symbol.asyncIterator](),
    bytes: Buffer.alloc(0),
  }));
  await Promise.all(cursors.map(refill));
  for (let open = cursors.filter(hasMore); open.length > 0; open = open.filter(hasMore)) {
    const first = open.reduce((a, b) => (headOf(b) < headOf(a) ? b : a));
    const others = open.filter((cursor) => cursor !== first).map(headOf);
    const limit = others.length === 0 ? undefined : others.sort()[0];
    const length = lengthUpTo(first.bytes, limit);
    yield { source: first.source, lines: first.bytes.subarray(0, length) };
    first.bytes = first.bytes.subarray(length);
    if (first.bytes.length === 0) await refill(first);
  }
}

async function refill<S>(cursor: Cursor<S>): Promise<void> {
  const next = await cursor.pieces.next();
  cursor.bytes = next.done ? Buffer.alloc(0) : next.value;
}

function hasMore<S>(cursor: Cursor<S>): boolean {
  return cursor.bytes.length > 0;
}

function headOf<S>(cursor: Cursor<S>): string {
  return stampAt(cursor.bytes, 0);
}

/** Length of the first records that are not later than `limit`; at least one record. */
function lengthUpTo(bytes: Buffer, limit: string | undefined): number {
  if (limit === undefined) return bytes.length;
  let length = 0;
  for (const record of splitRecords(bytes)) {
    if (length > 0 && record.toString('latin1', 0, STAMP_LENGTH) > limit) break;
    length += record.length + 1;
  }
  return length;
}
