/**
 * The file system as this room sees it: whatever is looked at can be named afterwards.
 *
 * The digest is taken before the content is read: a file that changes in
 * between is seen to have changed, never taken for what it was.
 */
import * as fs from 'node:fs';
import { BerthError } from '../base/errors.ts';
import { inputDigest, LISTING, UNKNOWABLE } from '../base/input-digest.ts';
import * as base from '../base/read-bounded.ts';

let recorded: Map<string, string> | undefined;
/* Stdin can be read once; stack files are read again when one of them names another that has to be fetched. */
let stdinText: { readonly text: string | undefined } | undefined;
const confined = new Set<string>();

/** From now on links below this folder that lead out of it are refused: STACK_FILE_INVALID. */
export function confine(root: string): void {
  confined.add(root);
}

/** From now on in this process. */
export function recordInputs(): void {
  recorded = new Map();
}

/** Paths and what they were; undefined when not recorded, or when something was read that can not be read again. */
export function inputsRead(): Readonly<Record<string, string>> | undefined {
  if (!recorded || [...recorded.values()].some((digest) => digest.endsWith(UNKNOWABLE))) return undefined;
  return Object.fromEntries(recorded);
}

/** What was loaded told the person something: it has to be told each time. */
export function forgetInputs(): void {
  recorded = undefined;
}

export function existsSync(path: string): boolean {
  note(path);
  return fs.existsSync(path);
}

export function statSync(path: string, options?: { readonly throwIfNoEntry?: true }): fs.Stats;
export function statSync(path: string, options: { readonly throwIfNoEntry: false }): fs.Stats | undefined;
export function statSync(path: string, options?: { readonly throwIfNoEntry?: boolean }): fs.Stats | undefined {
  note(path);
  return fs.statSync(path, options);
}

export function readFileSync(path: string): Buffer {
  note(path);
  return fs.readFileSync(path);
}

/** `-` is stdin; undefined when it is too large. */
export function readBounded(path: string): string | undefined {
  if (path !== '-') {
    note(path);
    return base.readBounded(path);
  }
  recorded?.set('-', UNKNOWABLE);
  stdinText ??= { text: base.readBounded('-') };
  return stdinText.text;
}

export function readdirSync(path: string): string[] {
  note(`${path}${LISTING}`);
  return fs.readdirSync(path);
}

export function realpathSync(path: string): string {
  note(path);
  return fs.realpathSync(path);
}

function note(input: string): void {
  for (const root of confined) if (input.startsWith(`${root}/`)) refuseOutside(input.replace(LISTING, ''), root);
  if (recorded && !recorded.has(input)) recorded.set(input, inputDigest(input));
}

function refuseOutside(path: string, root: string): void {
  if (!fs.existsSync(path)) return;
  const real = fs.realpathSync(path);
  const top = fs.realpathSync(root);
  if (real === top || real.startsWith(`${top}/`)) return;
  throw new BerthError('STACK_FILE_INVALID', `${path} leads out of what was fetched, to ${real}`, {
    at: { file: path, line: 1, col: 1 },
    hint: 'a link of a fetched stack may lead to its own files only',
  });
}
