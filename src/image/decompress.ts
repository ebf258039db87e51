/**
 * Archives by their first bytes: gzip, zstd, or as they are.
 */
import { open } from 'node:fs/promises';
import { PassThrough, type Transform } from 'node:stream';
import zlib from 'node:zlib';
import { zstdDecompressor } from './zstd-stream.ts';

export type Compression = 'none' | 'gzip' | 'zstd';

/** What comes out at once: each piece goes through the thread pool. */
const CHUNK = 256 * 1024;
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
  return compressionOf(head);
}

/** By the first bytes of an archive; fewer than four are no archive anyway. */
export function compressionOf(head: Buffer): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  return head.length >= 4 && head.readUInt32LE(0) === ZSTD_MAGIC ? 'zstd' : 'none';
}

/** What undoes it. */
export function decompressor(compression: Compression): Transform {
  if (compression === 'none') return new PassThrough();
  if (compression === 'gzip') return zlib.createGunzip({ chunkSize: CHUNK });
  const own = (zlib as { createZstdDecompress?: () => Transform }).createZstdDecompress;
  return own ? own() : zstdDecompressor();
}
