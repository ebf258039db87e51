/**
 * What a client uploads, as a stream that its taker may give up.
 *
 * To destroy a request is to close its connection, and the client would see a
 * broken pipe instead of the reason. Here the rest is taken in and thrown away.
 */
import type { IncomingMessage } from 'node:http';
import { PassThrough, type Readable } from 'node:stream';
import { finished } from 'node:stream/promises';

export function uploadOf(request: IncomingMessage): Readable {
  const upload = new PassThrough({ highWaterMark: 1 << 20 });
  request.once('close', () => {
    if (!request.complete) upload.destroy(new Error('the connection was closed'));
  });
  upload.once('close', () => request.unpipe(upload).resume());
  request.pipe(upload);
  return upload;
}

/** Until the client has sent all, or has gone away. */
export async function takeRest(request: IncomingMessage): Promise<void> {
  if (request.complete || request.destroyed) return;
  request.unpipe().resume();
  await finished(request).catch(() => {});
}
