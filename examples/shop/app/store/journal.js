/**
 * An append-only file of JSON lines: what was acknowledged survives kill -9 and loss of power.
 *
 * One line is one batch, written whole or not at all: a torn last line is a
 * batch nobody was told of, and is cut off at the next start.
 */
import { open, readFile, rename, truncate } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Calls `apply` for each batch in the file, then returns the journal, open for more. */
export async function openJournal(path, apply) {
  for (const line of await readWholeLines(path)) apply(JSON.parse(line));
  const file = await open(path, 'a');
  await syncFolder(path);
  return journal(file);
}

/** Replaces the file by one that holds only `batches`; the old one is there until the new one is on disk. */
export async function compact(path, batches) {
  const file = await open(`${path}.new`, 'w');
  await file.writeFile(batches.map((batch) => `${JSON.stringify(batch)}\n`).join(''));
  await file.sync();
  await file.close();
  await rename(`${path}.new`, path);
  await syncFolder(path);
}

async function readWholeLines(path) {
  const bytes = await readFile(path).catch((error) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });
  const end = bytes.lastIndexOf('\n') + 1;
  if (end < bytes.length) await truncate(path, end);
  return bytes.subarray(0, end).toString('utf8').split('\n').slice(0, -1);
}

function journal(file) {
  let waiting = [];
  let flushing = Promise.resolve();

  /* Batches that arrive while the disk is busy share the next fsync. */
  const flush = async () => {
    const group = waiting;
    waiting = [];
    if (group.length === 0) return;
    await file.appendFile(group.join(''));
    await file.datasync();
  };

  return {
    /** Resolves when the batch is on disk. */
    append(batch) {
      waiting.push(`${JSON.stringify(batch)}\n`);
      flushing = flushing.then(flush);
      return flushing;
    },
    async close() {
      await flushing;
      await file.close();
    },
  };
}

/** A new name in a folder is only safe when the folder is. */
async function syncFolder(path) {
  const folder = await open(dirname(path), 'r');
  await folder.sync();
  await folder.close();
}
