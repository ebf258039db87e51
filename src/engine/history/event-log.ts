/**
 * The events on disk: appended, bounded, read again after a restart.
 *
 * One JSON object a line. Each line is written with one write(2) before the
 * call returns, so that an engine that is killed loses none. When the file is
 * full it becomes the older of two. A line that is damaged is passed over.
 */
import { closeSync, createReadStream, fstatSync, mkdirSync, openSync, readSync, renameSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { errnoOf } from '../../base/errors.ts';
import type { HistoryEvent, NewEvent } from './event.ts';

const MAX_FILE_BYTES = 4 * 1024 * 1024;
/** An event is small; what a program said is cut. */
const MAX_TEXT = 2_000;

export type EventLog = {
  /** Appends the event and returns its id; a full disk is told to `log`, never thrown. */
  add(event: NewEvent): number;
  /** Everything that is kept, oldest first. */
  read(): AsyncGenerator<HistoryEvent>;
  /** Calls `listener` with each new event, until the returned function is called. */
  listen(listener: (event: HistoryEvent) => void): () => void;
  close(): void;
};

/** Opens the log of a data root; ids go on where they ended. */
export async function openEventLog(dataDir: string, log: (line: string) => void): Promise<EventLog> {
  const folder = join(dataDir, 'events');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const current = join(folder, 'events.log');
  const older = join(folder, 'events.1.log');
  let id = Math.max(await lastId(older), await lastId(current));
  let fd = openToAppend(current);
  const listeners = new Set<(event: HistoryEvent) => void>();

  const rotate = () => {
    closeSync(fd);
    renameSync(current, older);
    fd = openToAppend(current);
  };
  return {
    add(given) {
      id += 1;
      const event = complete(id, given);
      try {
        if (fstatSync(fd).size > MAX_FILE_BYTES) rotate();
        writeSync(fd, `${JSON.stringify(event)}\n`);
      } catch (error) {
        log(`an event could not be written: ${String(error)}`);
      }
      for (const listener of [...listeners]) listener(event);
      return id;
    },
    async *read() {
      yield* readFileOf(older);
      yield* readFileOf(current);
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => closeSync(fd),
  };
}

function complete(id: number, given: NewEvent): HistoryEvent {
  const { type, action, stack = '', service = '', replica = 0, actor = { id: '', name: '' } } = given;
  const { why, cause = null, after = [], attributes = {} } = given;
  const time = new Date().toISOString();
  return {
    id,
    time,
    type,
    action,
    stack,
    service,
    replica,
    actor,
    why: cut(why),
    cause,
    after,
    attributes: cutAll(attributes),
  };
}

function cutAll(attributes: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, cut(value)]));
}

function cut(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}...` : text;
}

/** A half line at the end, of a disk that was full, is ended so that the next one is whole. */
function openToAppend(path: string): number {
  const fd = openSync(path, 'a+', 0o600);
  const { size } = fstatSync(fd);
  const last = Buffer.alloc(1);
  if (size > 0 && readSync(fd, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a) writeSync(fd, '\n');
  return fd;
}

async function* readFileOf(path: string): AsyncGenerator<HistoryEvent> {
  try {
    for await (const line of createInterface({ input: createReadStream(path) })) {
      const event = parse(line);
      if (event) yield event;
    }
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}

async function lastId(path: string): Promise<number> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return 0;
    throw error;
  }
  for (let end = text.length; end > 0; ) {
    const start = text.lastIndexOf('\n', end - 1);
    const event = parse(text.slice(start + 1, end));
    if (event) return event.id;
    end = start;
  }
  return 0;
}

function parse(line: string): HistoryEvent | undefined {
  try {
    const value = JSON.parse(line) as Partial<HistoryEvent> | null;
    return typeof value?.id === 'number' && typeof value.action === 'string' ? (value as HistoryEvent) : undefined;
  } catch {
    return undefined;
  }
}
