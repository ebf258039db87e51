/**
 * What programs write -> what a terminal may be given.
 *
 * Colours (SGR) may stay; everything else that would steer the terminal, or
 * make text look like other text, is shown as what it is: `^[`, `\xff`,
 * `\u202e`. Source: ECMA-48 for the sequences, Unicode TR 9 for the overrides.
 */
import { isUtf8 } from 'node:buffer';

export type SafeText = {
  readonly text: Buffer | string;
  /** It has changed the colours and may not have set them back. */
  readonly colored: boolean;
  /** The beginning of something that goes on in the next piece. */
  readonly rest: Buffer;
};

export type SafeOptions = {
  readonly colors: boolean;
  /** false: the line goes on in another piece. */
  readonly ends: boolean;
};

const NOTHING = Buffer.alloc(0);

export function safeText(bytes: Buffer, options: SafeOptions): SafeText {
  if (isPrintable(bytes)) return { text: bytes, colored: false, rest: NOTHING };
  const length = options.ends ? lengthOfLine(bytes) : lengthOfWhole(bytes);
  const whole = bytes.subarray(0, length);
  let colored = false;
  const text = decoded(whole).replace(STEERING, (match) => {
    if (match.length === 1) return visible(match);
    colored ||= options.colors;
    return options.colors ? match : '';
  });
  return { text, colored, rest: options.ends ? NOTHING : bytes.subarray(length) };
}

/** Colours taken out, all other bytes left alone. */
export function withoutColors(bytes: Buffer): Buffer {
  if (!bytes.includes(ESCAPE)) return bytes;
  return Buffer.from(bytes.toString('latin1').replace(/\x1b\[[\d;:]*m/g, ''), 'latin1');
}

const ESCAPE = 0x1b;
const RETURN = 0x0d;

/* A whole SGR sequence; else controls but the tab, C1, line separators and bidirectional overrides one by one. */
const STEERING = /\x1b\[[\d;:]*m|[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g;

/** ASCII and tabs, as nearly all lines are. */
function isPrintable(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if ((byte < 0x20 && byte !== 0x09) || byte > 0x7e) return false;
  }
  return true;
}

/** A terminal's lines end with CR LF. */
function lengthOfLine(bytes: Buffer): number {
  return bytes.at(-1) === RETURN ? bytes.length - 1 : bytes.length;
}

/** Without a character, a sequence or a line's end of which more may come. */
function lengthOfWhole(bytes: Buffer): number {
  const tail = bytes.toString('latin1', Math.max(0, bytes.length - 64));
  const [begun] = /(?:\x1b(?:\[[\d;:]*)?|\r)$/.exec(tail) ?? [];
  if (begun) return bytes.length - begun.length;
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte >= 0xc0) return charLength(byte) > back ? bytes.length - back : bytes.length;
    if (byte < 0x80) break;
  }
  return bytes.length;
}

/** Length of the UTF-8 character that begins with this byte; 0 when none does. */
function charLength(byte: number): number {
  if (byte < 0x80) return 1;
  if (byte >= 0xc2 && byte < 0xe0) return 2;
  if (byte >= 0xe0 && byte < 0xf0) return 3;
  return byte >= 0xf0 && byte < 0xf5 ? 4 : 0;
}

/** UTF-8, and `\xff` for bytes that are none. */
function decoded(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString();
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = charLength(bytes[at]!);
    const character = bytes.subarray(at, at + length);
    const isWhole = length > 0 && character.length === length && isUtf8(character);
    text += isWhole ? character.toString() : `\\x${bytes[at]!.toString(16)}`;
    at += isWhole ? length : 1;
  }
  return text;
}

function visible(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20 || code === 0x7f) return `^${String.fromCharCode(code ^ 0x40)}`;
  return `\\u${code.toString(16).padStart(4, '0')}`;
}
