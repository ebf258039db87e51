/**
 * Archives that ADD unpacks: a tar, plain or packed with gzip, bzip2, xz or zstd.
 *
 * By content, never by name; what is packed but no tar is an ordinary file.
 */
import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import { BerthError, errnoOf } from '../../base/errors.ts';

type Packing = 'plain' | 'gzip' | 'bzip2' | 'xz' | 'zstd';

const BLOCK = 512;

/** undefined: it is no archive. */
export async function archiveOf(path: string): Promise<Packing | undefined> {
  const head = await headOf(path);
  const packing = packingOf(head);
  if (packing === 'plain') return isTar(head) ? 'plain' : undefined;
  const first = await firstBlock(path, packing);
  return isTar(first) ? packing : undefined;
}

/** The plain tar of an archive; its failures come with the stream. */
export function openArchive(path: string, packing: Packing): Readable {
  const file = createReadStream(path, { highWaterMark: 1 << 20 });
  if (packing === 'plain') return file;
  const out = new PassThrough({ highWaterMark: 1 << 20 });
  const end = (error: unknown) => {
    out.destroy(error instanceof Error ? error : new Error(String(error)));
  };
  if (packing === 'gzip') {
    pipeline(file, zlib.createGunzip(), out).catch(end);
    return out;
  }
  const child = spawn(packing, ['-dc'], { stdio: ['pipe', 'pipe', 'ignore'], env: { PATH: '/usr/bin:/bin' } });
  child.once('error', (cause) => end(lacks(packing, cause)));
  out.once('close', () => child.kill('SIGKILL'));
  pipeline(file, child.stdin).catch(() => {});
  child.stdout.pipe(out, { end: false });
  /* All of its output may have come before it finds that a checksum is wrong. */
  child.once('close', (code) => (code === 0 ? out.end() : end(damaged(packing))));
  return out;
}

function damaged(packing: string): BerthError {
  return new BerthError('BUILD_FAILED', `the archive can not be read: ${packing} says that it is damaged or cut short`);
}

function lacks(program: string, cause: unknown): BerthError {
  return new BerthError('HOST_LACKS_PROGRAM', `${program} is needed to unpack this archive and is not installed`, {
    hint: `install ${program}: apt-get install ${program === 'xz' ? 'xz-utils' : program}`,
    cause,
  });
}

async function headOf(path: string): Promise<Buffer> {
  const head = Buffer.alloc(BLOCK);
  const handle = await open(path, 'r');
  try {
    const { bytesRead } = await handle.read(head, 0, BLOCK, 0);
    return head.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function packingOf(head: Buffer): Packing {
  const begins = (...bytes: number[]) => bytes.every((byte, index) => head[index] === byte);
  if (begins(0x1f, 0x8b)) return 'gzip';
  if (begins(0x42, 0x5a, 0x68)) return 'bzip2';
  if (begins(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00)) return 'xz';
  return begins(0x28, 0xb5, 0x2f, 0xfd) ? 'zstd' : 'plain';
}

async function firstBlock(path: string, packing: Packing): Promise<Buffer> {
  const stream = openArchive(path, packing);
  const parts: Buffer[] = [];
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      parts.push(chunk);
      if (parts.reduce((sum, part) => sum + part.length, 0) >= BLOCK) break;
    }
  } catch (error) {
    if (error instanceof BerthError) throw error;
    if (errnoOf(error) === 'ENOENT') throw error;
  } finally {
    stream.destroy();
  }
  return Buffer.concat(parts).subarray(0, BLOCK);
}

/** The checksum of its first header is right. */
function isTar(head: Buffer): boolean {
  if (head.length < BLOCK || head[0] === 0) return false;
  const written = Number.parseInt(
    head
      .subarray(148, 156)
      .toString('latin1')
      .replace(/[\0 ]+$/, '')
      .trim(),
    8,
  );
  const sum = head.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 0x20 : byte), 0);
  return written === sum;
}
