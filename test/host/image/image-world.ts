/** An image store of its own in a new data folder, and small root filesystems for it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ImageDriver } from '../../../src/image/image.ts';
import { hostAndStoredImages } from '../../../src/image/store.ts';
import { executorPath } from '../../../src/runtime/executor-path.ts';
import { tar } from '../untar/tar-archive.ts';

export type ImageWorld = {
  readonly dataDir: string;
  readonly images: ImageDriver;
  /** The same folder opened by another engine process. */
  reopen(): Promise<ImageDriver>;
  /** Every file of images/ and layer of layers/, without the index. */
  content(): { readonly blobs: string[]; readonly layers: string[]; readonly incoming: string[] };
  close(): void;
};

/** `tmpfs`: mount options of a disk of its own, so that it can be full. */
export async function imageWorld(tmpfs?: string): Promise<ImageWorld> {
  const dataDir = mkdtempSync(join(tmpdir(), 'berth-images-'));
  if (tmpfs !== undefined) execFileSync('mount', ['-t', 'tmpfs', '-o', tmpfs, 'berth-test', dataDir]);
  const openOne = async () => {
    const images = hostAndStoredImages({ dataDir, executor: executorPath() });
    await images.open();
    return images;
  };
  const list = (path: string) => readdirSync(join(dataDir, path)).sort();
  return {
    dataDir,
    images: await openOne(),
    reopen: openOne,
    content: () => ({ blobs: list('images/blobs/sha256'), layers: list('layers'), incoming: list('images/incoming') }),
    close() {
      if (tmpfs !== undefined) execFileSync('umount', ['-l', dataDir]);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** A root filesystem whose content depends on the text. */
export function rootfs(text: string): Buffer {
  return tar(
    { path: './', mode: 0o755 },
    { path: 'bin/' },
    { path: 'bin/sh', content: text, mode: 0o755 },
    { path: 'etc/' },
  );
}

/** As it comes over a socket: in pieces. */
export function inPieces(archive: Buffer, size = 1000): Readable {
  const pieces = Array.from({ length: Math.ceil(archive.length / size) }, (_, i) =>
    archive.subarray(i * size, (i + 1) * size),
  );
  return Readable.from(pieces);
}
