/**
 * Several logs -> one in the order of time.
 *
 * Each lane is in order by itself; the pieces stay whole records, and those
 * of one lane in a row stay together. An empty piece means that a lane has
 * given out all there is for now: it takes no further part, and its iterator
 * is the caller's to go on with.
 */
import { STAMP_LENGTH, splitRecords, stampAt } from './log-line.ts';

export type Piece<S> = { readonly source: S; readonly lines: Buffer };

type Cursor<S> = { readonly pieces: AsyncIterator<Piece<S>>; source: S | undefined; bytes: Buffer };

/** Yields pieces of all lanes by the time of their records. */
export async function* mergeLogs<S>(lanes: readonly AsyncIterator<Piece<S>>[]): AsyncGenerator<Piece<S>> {
  const cursors = lanes.map((pieces): Cursor<S> => ({ pieces, source: undefined, bytes: Buffer.alloc(0) }));
  await Promise.all(cursors.map(refill));
  for (let open = cursors.filter(hasMore); open.length > 0; open = open.filter(hasMore)) {
    const first = open.reduce((a, b) => (headOf(b) < headOf(a) ? b : a));
    const others = open.filter((cursor) => cursor !== first).map(headOf);
    const limit = others.length === 0 ? undefined : others.sort()[0];
    const length = lengthUpTo(first.bytes, limit);
    yield { source: first.source!, lines: first.bytes.subarray(0, length) };
    first.bytes = first.bytes.subarray(length);
    if (first.bytes.length === 0) await refill(first);
  }
}

async function refill<S>(cursor: Cursor<S>): Promise<void> {
  const next = await cursor.pieces.next();
  cursor.source = next.done ? undefined : next.value.source;
  cursor.bytes = next.done ? Buffer.alloc(0) : next.value.lines;
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
