/**
 * The keys that let go of a program in a terminal: `ctrl-p,ctrl-q`, as docker writes them.
 */
import { BerthError } from '../base/errors.ts';

export const DEFAULT_DETACH_KEYS = 'ctrl-p,ctrl-q';

/** The bytes of the keys; USAGE for a word that is none. */
export function parseDetachKeys(text: string): readonly number[] {
  return text.split(',').map((word) => {
    const [, letter] = /^ctrl-([a-z@[\\\]^_])$/i.exec(word) ?? [];
    if (letter !== undefined) return letter.toUpperCase().charCodeAt(0) & 0x1f;
    if (word.length === 1 && word.charCodeAt(0) < 128) return word.charCodeAt(0);
    throw new BerthError('USAGE', `--detach-keys ${text}: ${JSON.stringify(word)} is no key`, {
      hint: 'write a character, or ctrl- and one of a-z @ [ \\ ] ^ _, with commas between: ctrl-p,ctrl-q',
    });
  });
}

export type KeyFilter = (data: Buffer) => { readonly pass: Buffer; readonly detach: boolean };

/** Holds keys back for as long as they may be the beginning of the sequence. */
export function detachFilter(keys: readonly number[]): KeyFilter {
  let held: number[] = [];
  return (data) => {
    const pass: number[] = [];
    for (const byte of data) {
      held.push(byte);
      while (held.length > 0 && !isBeginning(held, keys)) pass.push(held.shift()!);
      if (held.length === keys.length && keys.length > 0) {
        held = [];
        return { pass: Buffer.from(pass), detach: true };
      }
    }
    return { pass: Buffer.from(pass), detach: false };
  };
}

function isBeginning(bytes: readonly number[], keys: readonly number[]): boolean {
  return bytes.length <= keys.length && bytes.every((byte, index) => byte === keys[index]);
}
