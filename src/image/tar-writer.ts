/**
 * Headers of a tar with short names: what `save` writes. POSIX.1-1988 (ustar).
 *
 * Pure. Owner, times and modes are fixed: the same images make the same archive.
 */
export type PackedEntry =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'file'; readonly path: string; readonly size: number };

const BLOCK = 512;
const OCTAL_MAX = 0o77777777777;

export function packEntry(entry: PackedEntry): Buffer {
  if (Buffer.byteLength(entry.path) > 99) throw new Error(`${entry.path} is too long for this archive`);
  const header = Buffer.alloc(BLOCK);
  const size = entry.kind === 'file' ? entry.size : 0;
  header.write(entry.path, 0);
  header.write(`${(entry.kind === 'file' ? 0o644 : 0o755).toString(8).padStart(7, '0')}\0`, 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  writeSize(header, size);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write(entry.kind === 'file' ? '0' : '5', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

/** Two empty blocks. */
export function packEnd(): Buffer {
  return Buffer.alloc(2 * BLOCK);
}

/** Above 8 GiB as a binary number with its highest bit set, as GNU tar writes it. */
function writeSize(header: Buffer, size: number): void {
  if (size <= OCTAL_MAX) {
    header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
    return;
  }
  header[124] = 0x80;
  header.writeBigUInt64BE(BigInt(size), 128);
}
