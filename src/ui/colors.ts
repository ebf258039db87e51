/**
 * Colours of the terminal, when there is one that wants them (COMPOSE_ANSI, NO_COLOR, FORCE_COLOR, TERM=dumb).
 */
import { BerthError } from '../base/errors.ts';

export type Paint = (text: string) => string;

type Stream = { readonly isTTY?: boolean };

export function wantsColor(stream: Stream, env: NodeJS.ProcessEnv = process.env): boolean {
  const ansi = ansiOf(env);
  if (ansi !== 'auto') return ansi === 'always';
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0';
  return stream.isTTY === true && env.TERM !== 'dumb';
}

/** What `--ansi` (COMPOSE_ANSI) says; USAGE when it is none of its words. */
export function ansiOf(env: NodeJS.ProcessEnv = process.env): 'auto' | 'always' | 'never' {
  const word = env.COMPOSE_ANSI || 'auto';
  if (word === 'auto' || word === 'always' || word === 'never') return word;
  /* Errors are painted too: said once, then gone. */
  delete env.COMPOSE_ANSI;
  throw new BerthError('USAGE', `--ansi (COMPOSE_ANSI) is ${word}`, { hint: 'it is auto, always or never' });
}

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 } as const;

export type Palette = Readonly<Record<keyof typeof CODES, Paint>>;

/** Painters for one stream; plain text when it wants no colour. */
export function paletteFor(stream: Stream): Palette {
  const on = wantsColor(stream);
  const paint = (code: number): Paint => (on ? (text) => `\x1b[${code}m${text}\x1b[0m` : (text) => text);
  return Object.fromEntries(Object.entries(CODES).map(([name, code]) => [name, paint(code)])) as Palette;
}

/** Takes everything out of a text from outside that would steer the terminal. */
export function withoutControls(text: string): string {
  return text.replace(/[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]/g, '\u{fffd}');
}
