/** Tar archives by hand, so that a test can also write what no tool would. */

export type TarEntry = {
  readonly path: string;
  /** Default `file`, or `folder` when the path ends in a slash. */
  readonly type?: keyof typeof TYPES;
  readonly content?: string | Buffer;
  readonly link?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly mtime?: number;
  readonly device?: readonly [major: number, minor: number];
  /** Overwrites header fields as they are, before the checksum. */
  readonly raw?: readonly (readonly [offset: number, bytes: string | Buffer])[];
};

const TYPES = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  char: '3',
  block: '4',
  folder: '5',
  fifo: '6',
  sparse: 'S',
  pax: 'x',
  global: 'g',
  longName: 'L',
  longLink: 'K',
};
const BLOCK = 512;

/** The entries and the end marker. */
export function tar(...entries: readonly (TarEntry | Buffer)[]): Buffer {
  return Buffer.concat([...entries.map((entry) => (Buffer.isBuffer(entry) ? entry : block(entry))), END]);
}

export const END = Buffer.alloc(2 * BLOCK);

/** One header with its data. */
export function block(entry: TarEntry): Buffer {
  const content = Buffer.from(entry.content ?? '');
  return Buffer.concat([
    headerOf(entry, content.length),
    content,
    Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK),
  ]);
}

/** An extended header of records `key=value` for the entry that follows. */
export function pax(records: Readonly<Record<string, string | Buffer>>): Buffer {
  return block({
    path: 'PaxHeaders/x',
    type: 'pax',
    content: Buffer.concat(Object.entries(records).map(([key, value]) => paxRecord(key, value))),
  });
}

export function longName(name: string): Buffer {
  return block({ path: '././@LongLink', type: 'longName', content: `${name}\0` });
}

export function longLink(name: string): Buffer {
  return block({ path: '././@LongLink', type: 'longLink', content: `${name}\0` });
}

function paxRecord(key: string, value: string | Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from('\n')]);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

function headerOf(entry: TarEntry, size: number): Buffer {
  const { path, link = '', uid = 0, gid = 0, mtime = 1_500_000_000, device = [0, 0] } = entry;
  const type = entry.type ?? (path.endsWith('/') ? 'folder' : 'file');
  const header = Buffer.alloc(BLOCK);
  header.write(path, 0, 100);
  octal(header, { at: 100, length: 8, value: entry.mode ?? (type === 'folder' ? 0o755 : 0o644) });
  octal(header, { at: 108, length: 8, value: uid });
  octal(header, { at: 116, length: 8, value: gid });
  octal(header, { at: 124, length: 12, value: size });
  octal(header, { at: 136, length: 12, value: mtime });
  header.write(TYPES[type], 156);
  header.write(link, 157, 100);
  header.write('ustar\x0000', 257);
  octal(header, { at: 329, length: 8, value: device[0] });
  octal(header, { at: 337, length: 8, value: device[1] });
  for (const [offset, bytes] of entry.raw ?? []) Buffer.from(bytes).copy(header, offset);
  header.write('        ', 148);
  header.write(
    `${header
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  return header;
}

function octal(
  header: Buffer,
  { at, length, value }: { readonly at: number; readonly length: number; readonly value: number },
): void {
  header.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at);
}
