/**
 * `berth build -`: what comes on stdin is a tar with the context, or the Dockerfile alone.
 */
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { archiveOf } from '../build/files/archive.ts';

export type StdinContext = {
  readonly source:
    | { readonly kind: 'archive'; readonly path: string }
    | { readonly kind: 'dockerfile'; readonly text: string };
  close(): void;
};

/** Kept in a file of its own until close(). */
export async function readStdinContext(): Promise<StdinContext> {
  const folder = mkdtempSync(join(tmpdir(), 'berth-context-'));
  const close = () => rmSync(folder, { recursive: true, force: true });
  try {
    const path = join(folder, 'stdin');
    await pipeline(process.stdin, createWriteStream(path, { mode: 0o600 }));
    const isArchive = (await archiveOf(path)) !== undefined;
    return {
      source: isArchive ? { kind: 'archive', path } : { kind: 'dockerfile', text: await readFile(path, 'utf8') },
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}
