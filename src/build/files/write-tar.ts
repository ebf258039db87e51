/**
 * File entries -> a tar stream for the executor's untar: ustar headers, pax records where those are too small.
 */
import { Readable } from 'node:stream';
import { BerthError } from '../../base/errors.ts';
import type { FileEntries, FileEntry } from './file-entry.ts';

const BLOCK = 512;
const MAX_OCTAL_7 = 0o7777777;
const MAX_OCTAL_11 = 0o77777777777;
const TYPES = { file: '0', link: '2', folder: '5', fifo: '6' } as const;

/** `timeS`: one time for all, in seconds. */
export function writeTar(entries: FileEntries, timeS: number): Readable {
  return Readable.from(blocksOf(entries, timeS), { objectMode: false, highWaterMark: 1 << 20 });
}

async function* blocksOf(entries: FileEntries, timeS: number): AsyncGenerator<Buffer> {
  for await (const entry of entries) {
    yield headerOf(entry, timeS);
    if (entry.read) yield* contentOf(entry, entry.read);
  }
  yield Buffer.alloc(2 * BLOCK);
}

/** A file that has another length than its header says would shift all that follows. */
async function* contentOf({ path, size }: FileEntry, read: () => AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let length = 0;
  for await (const chunk of read()) {
    length += chunk.length;
    if (length > size) break;
    yield chunk;
  }
  if (length !== size) {
    throw new BerthError('BUILD_FAILED', `${path} was changed while it was copied`, { hint: 'build again' });
  }
  if (size % BLOCK !== 0) yield Buffer.alloc(BLOCK - (size % BLOCK));
}

function headerOf(entry: FileEntry, timeS: number): Buffer {
  const name = entry.kind === 'folder' ? `${entry.path}/` : entry.path;
  const records: Buffer[] = [];
  const add = (key: string, value: string | Buffer) => records.push(recordOf(key, value));
  if (Buffer.byteLength(name) > 100) add('path', name);
  if (Buffer.byteLength(entry.target) > 100) add('linkpath', entry.target);
  if (entry.size > MAX_OCTAL_11) add('size', String(entry.size));
  if (entry.uid > MAX_OCTAL_7) add('uid', String(entry.uid));
  if (entry.gid > MAX_OCTAL_7) add('gid', String(entry.gid));
  for (const [key, value] of entry.attributes) add(key, value);
  const fields = { name, link: entry.target, type: TYPES[entry.kind], mode: entry.mode, timeS };
  const header = ustar({ ...fields, uid: entry.uid, gid: entry.gid, size: entry.read ? entry.size : 0 });
  if (records.length === 0) return header;
  const pax = Buffer.concat(records);
  const paxHeader = ustar({
    ...fields,
    name: 'PaxHeaders/x',
    link: '',
    type: 'x',
    mode: 0o644,
    uid: 0,
    gid: 0,
    size: pax.length,
  });
  return Buffer.concat([paxHeader, pax, Buffer.alloc((BLOCK - (pax.length % BLOCK)) % BLOCK), header]);
}

/** "LENGTH KEY=VALUE\n", LENGTH counting itself. */
function recordOf(key: string, value: string | Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value as string), Buffer.from('\n')]);
  let digits = 1;
  while (String(body.length + digits).length !== digits) digits += 1;
  return Buffer.concat([Buffer.from(String(body.length + digits)), body]);
}

type Fields = {
  readonly name: string;
  readonly link: string;
  readonly type: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly timeS: number;
};

/** POSIX.1-2017 pax, "ustar Interchange Format". */
function ustar({ name, link, type, mode, uid, gid, size, timeS }: Fields): Buffer {
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, width: number, max: number) =>
    header.write((value > max ? 0 : value).toString(8).padStart(width - 1, '0'), at, 'latin1');
  Buffer.from(name).copy(header, 0, 0, 100);
  octal(mode, 100, 8, MAX_OCTAL_7);
  octal(uid, 108, 8, MAX_OCTAL_7);
  octal(gid, 116, 8, MAX_OCTAL_7);
  octal(size, 124, 12, MAX_OCTAL_11);
  octal(timeS, 136, 12, MAX_OCTAL_11);
  header.fill(' ', 148, 156);
  header.write(type, 156, 'latin1');
  Buffer.from(link).copy(header, 157, 0, 100);
  header.write('ustar\u000000', 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\u0000 `, 148, 'latin1');
  return header;
}
