/**
 * The body of an answer that nobody reads.
 *
 * A short one is read to its end, so that its connection serves the next
 * request and no second handshake is needed; a long one is cut off.
 */
import { once } from 'node:events';
import type { HttpAnswer } from './transport.ts';

const MAX_BYTES = 64 * 1024;

/** Resolves when the connection is free or closed; need not be waited for. Never rejects. */
export async function letGo({ headers, body }: HttpAnswer): Promise<void> {
  body.on('error', () => {});
  if (body.closed) return;
  const closed = once(body, 'close').catch(() => {});
  let left = MAX_BYTES;
  if (Number(headers['content-length'] ?? 0) > left) body.destroy();
  else
    body.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      if (left < 0) body.destroy();
    });
  await closed;
}
