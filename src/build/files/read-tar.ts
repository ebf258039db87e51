/**
 * The tar stream of the executor's `layer` -> file entries.
 *
 * Reads what we wrote ourselves: ustar and pax as layer_entry.c makes them.
 * Device nodes are left out: COPY makes none.
 */
import type { FileEntry } from './file-entry.ts';

const BLOCK = 512;
const KINDS: Readonly<Record<string, FileEntry['kind']>> = { '0': 'file', '2': 'link', '5': 'folder', '6': 'fifo' };

/** Entries in their order; each one's content must be read, or is skipped, before the next. */
export async function* readTar(stream: AsyncIterable<Buffer>): AsyncGenerator<FileEntry> {
  const reader = blockReader(stream);
  let records = new Map<string, Buffer>();
  for (;;) {
    const header = await reader.take(BLOCK);
    if (header === undefined || header.every((byte) => byte === 0)) break;
    const type = String.fromCharCode(header[156]!);
    const size = Number(records.get('size')?.toString() ?? octal(header, 124, 12));
    if (type === 'x') {
      records = recordsOf((await reader.take(padded(size)))!.subarray(0, size));
      continue;
    }
    const content = reader.content(size);
    const kind = KINDS[type];
    if (kind) yield entryOf(header, { kind, size, records, read: content.read });
    await content.skip();
    records = new Map();
  }
  await reader.drain();
}

type Parts = {
  readonly kind: FileEntry['kind'];
  readonly size: number;
  readonly records: ReadonlyMap<string, Buffer>;
  readonly read: () => AsyncIterable<Buffer>;
};

function entryOf(header: Buffer, { kind, size, records, read }: Parts): FileEntry {
  const name = records.get('path')?.toString() ?? text(header, 0, 100);
  return {
    path: name.replace(/\/$/, ''),
    kind,
    mode: octal(header, 100, 8),
    uid: Number(records.get('uid')?.toString() ?? octal(header, 108, 8)),
    gid: Number(records.get('gid')?.toString() ?? octal(header, 116, 8)),
    size: kind === 'file' ? size : 0,
    target: records.get('linkpath')?.toString() ?? text(header, 157, 100),
    attributes: [...records].filter(([key]) => key.startsWith('SCHILY.xattr.')),
    read: kind === 'file' ? read : null,
  };
}

function text(header: Buffer, at: number, width: number): string {
  const field = header.subarray(at, at + width);
  const end = field.indexOf(0);
  return (end < 0 ? field : field.subarray(0, end)).toString();
}

function octal(header: Buffer, at: number, width: number): number {
  return Number.parseInt(text(header, at, width).trim() || '0', 8);
}

function recordsOf(bytes: Buffer): Map<string, Buffer> {
  const records = new Map<string, Buffer>();
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const length = Number(bytes.subarray(at, space).toString());
    if (!(length > 0)) break;
    const record = bytes.subarray(space + 1, at + length - 1);
    const equals = record.indexOf(0x3d);
    records.set(record.subarray(0, equals).toString(), record.subarray(equals + 1));
    at += length;
  }
  return records;
}

function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

function blockReader(stream: AsyncIterable<Buffer>) {
  const source = stream[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  const more = async (): Promise<boolean> => {
    const next = await source.next();
    if (next.done) return false;
    held = held.length === 0 ? next.value : Buffer.concat([held, next.value]);
    return true;
  };
  /** Some of what is held, at most `limit` bytes. */
  const some = async (limit: number): Promise<Buffer | undefined> => {
    if (held.length === 0 && !(await more())) return undefined;
    const piece = held.subarray(0, limit);
    held = held.subarray(piece.length);
    return piece;
  };
  return {
    async take(size: number): Promise<Buffer | undefined> {
      while (held.length < size) if (!(await more())) return undefined;
      return await some(size);
    },
    content(size: number) {
      let left = padded(size);
      let wanted = size;
      const next = async (): Promise<Buffer | undefined> => {
        if (left === 0) return undefined;
        const piece = await some(left);
        if (!piece) throw new Error('the archive of a layer ends too early');
        left -= piece.length;
        const useful = piece.subarray(0, wanted);
        wanted -= useful.length;
        return useful;
      };
      return {
        async *read(): AsyncGenerator<Buffer> {
          for (let piece = await next(); piece; piece = await next()) if (piece.length > 0) yield piece;
        },
        async skip(): Promise<void> {
          while (left > 0) await next();
        },
      };
    },
    async drain(): Promise<void> {
      while ((await some(1 << 20)) !== undefined);
    },
  };
}
