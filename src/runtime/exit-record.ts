/**
 * The exit record: its text in the `exit` file and in exit frames, and its value.
 *
 * Owns the form `CODE SIGNAL OOM STARTED_NS FINISHED_NS` of docs/executor.md.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errnoOf } from '../base/errors.ts';
import type { ExitRecord } from './spec.ts';

/** The value of a record's text; undefined when it is not one. */
export function parseExit(text: string): ExitRecord | undefined {
  const match = /^(\d{1,3}) (\d{1,3}) ([01]) (\d+) (\d+)\s*$/.exec(text);
  if (match === null) return undefined;
  const [, code, signal, oom, started, finished] = match;
  return {
    code: Number(code),
    signal: Number(signal),
    oomKilled: oom === '1',
    startedAt: printNanoseconds(BigInt(started!)),
    finishedAt: printNanoseconds(BigInt(finished!)),
  };
}

/** The record in a state folder, undefined when none was written. */
export async function readExit(stateDir: string): Promise<ExitRecord | undefined> {
  try {
    return parseExit(await readFile(join(stateDir, 'exit'), 'utf8'));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** What is known of a container whose monitor was killed. */
export function unknownExit(startedAt: string): ExitRecord {
  return { code: null, signal: 0, oomKilled: false, startedAt, finishedAt: new Date().toISOString() };
}

/** RFC 3339 in UTC with nine digits, as log lines have it. */
function printNanoseconds(ns: bigint): string {
  const seconds = new Date(Number(ns / 1_000_000n)).toISOString().slice(0, 19);
  return `${seconds}.${String(ns % 1_000_000_000n).padStart(9, '0')}Z`;
}
