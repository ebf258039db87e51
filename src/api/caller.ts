/**
 * Who this command is, for the engine's event log.
 *
 * A command line can hold secrets: of words like `A=B` only the name is kept,
 * and of `run` and `exec` nothing behind the service.
 */

import { userInfo } from 'node:os';
import { basename } from 'node:path';
import type { Caller } from '../engine/history/event.ts';

const MAX_WORDS = 12;
/** Their words are the program's own. */
const WITH_PROGRAM = new Set(['run', 'exec']);

export function callerOf(argv: readonly string[], pid: number): Caller {
  const [, program = 'berth', ...words] = argv;
  return { command: [basename(program), ...publicWords(words)].join(' '), pid, user: userName() };
}

function publicWords(words: readonly string[]): string[] {
  const at = words.findIndex((word) => WITH_PROGRAM.has(word));
  const own = at < 0 ? words : words.slice(0, at + 1);
  const kept = own.slice(0, MAX_WORDS).map((word) => word.replace(/=.*$/s, '=...'));
  return kept.length < words.length ? [...kept, '...'] : kept;
}

function userName(): string {
  try {
    return process.env.SUDO_USER ?? userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
