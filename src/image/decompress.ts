/**
 * Archives by their first bytes: gzip, zstd, or as they are.
 */
import { open } from 'node:fs/promises';
import { PassThrough, type Transform } from 'node:stream';
import zlib from 'node:zlib';
import { BerthError } from '../base/errors.ts';

export type Compression = 'none' | 'gzip' | 'zstd';

const ZSTD_MAGIC = 0xfd2fb528;

/** Looks at the first four bytes of a file. */
export async function detectCompression(path: string): Promise<Compression> {
  const head = Buffer.alloc(4);
  const handle = await open(path, 'r');
  try {
    await handle.read(head, 0, 4, 0);
  } finally {
    await handle.close();
  }
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  return head.readUInt32LE(0) === ZSTD_MAGIC ? 'zstd' : 'none';
}

/** What undoes it; HOST_LACKS_FEATURE for zstd on a Node without it. */
export function decompressor(compression: Compression): Transform {
  if (compression === 'none') return new PassThrough();
  if (compression === 'gzip') return zlib.createGunzip();
  const zstd = (zlib as { createZstdDecompress?: () => Transform }).createZstdDecompress;
  if (zstd) return zstd();
  throw new BerthError('HOST_LACKS_FEATURE', `Node ${process.versions.node} can not read zstd`, {
    hint: 'decompress it first: zstd -dc FILE | berth image import - NAME',
  });
}
