/**
 * Text of a Go template -> pieces of text and actions -> the tokens of an action.
 */
import { BerthError } from '../base/errors.ts';

export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly text: string };

type Sign = '(' | ')' | '|' | ',' | ':=' | '=';

export type Token =
  | { readonly kind: 'value'; readonly text: string; readonly value: string | number | boolean | null }
  | { readonly kind: 'name' | 'variable'; readonly text: string }
  /** `isJoined`: no space before it. */
  | { readonly kind: 'field'; readonly text: string; readonly keys: readonly string[]; readonly isJoined: boolean }
  | { readonly kind: Sign; readonly text: string };

/** Comments are left out; `{{-` and `-}}` take the spaces beside them. */
export function splitActions(text: string): Piece[] {
  const pieces: Piece[] = [];
  let rest = text;
  for (;;) {
    const open = rest.indexOf('{{');
    if (open < 0) break;
    const close = endOfAction(rest, open);
    if (close < 0) throw refusedTemplate(`a {{ without its }} in ${JSON.stringify(text)}`);
    let before = rest.slice(0, open);
    let action = rest.slice(open + 2, close);
    rest = rest.slice(close + 2);
    if (/^-\s/.test(action)) [before, action] = [before.trimEnd(), action.slice(1)];
    if (/\s-$/.test(action)) [action, rest] = [action.slice(0, -1), rest.trimStart()];
    if (before !== '') pieces.push(textPiece(before));
    const body = action.trim();
    if (body === '') throw refusedTemplate('an empty {{}}');
    if (!/^\/\*.*\*\/$/s.test(body)) pieces.push({ kind: 'action', text: body });
  }
  return rest === '' ? pieces : [...pieces, textPiece(rest)];
}

/** A shell hands `\t` on as two characters. */
function textPiece(text: string): Piece {
  return { kind: 'text', text: text.replaceAll('\\t', '\t').replaceAll('\\n', '\n') };
}

/** Where `}}` stands outside of quotes. */
function endOfAction(text: string, open: number): number {
  const pattern = /"(?:[^"\\]|\\.)*"|`[^`]*`|}}/g;
  pattern.lastIndex = open + 2;
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) if (match[0] === '}}') return match.index;
  return -1;
}

const TOKEN =
  /(\s*)(?:("(?:[^"\\]|\\.)*")|`([^`]*)`|(-?\d+(?:\.\d+)?)|(\.[\w.-]*)|(\$\w*)|([A-Za-z]\w*)|(:=|[()|,=])|(\S))/gy;

const CONSTANTS: Readonly<Record<string, boolean | null>> = { true: true, false: false, nil: null };

export function tokensOf(text: string, action: string): Token[] {
  return [...text.matchAll(TOKEN)].map(([, space, quoted, raw, number, field, variable, name, sign, other], at) => {
    if (other !== undefined) throw refusedTemplate(`\`${other}\` in {{${action}}}`);
    if (quoted !== undefined) return valueToken(quoted, unquoted(quoted, action));
    if (raw !== undefined) return valueToken(raw, raw);
    if (number !== undefined) return valueToken(number, Number(number));
    if (sign !== undefined) return { kind: sign as Sign, text: sign };
    if (variable !== undefined) return { kind: 'variable', text: variable };
    if (name !== undefined && Object.hasOwn(CONSTANTS, name)) return valueToken(name, CONSTANTS[name]!);
    if (name !== undefined) return { kind: 'name', text: name };
    const keys = field!.split('.').filter((key) => key !== '');
    return { kind: 'field', text: field!, keys, isJoined: at > 0 && space === '' };
  });
}

function unquoted(text: string, action: string): string {
  try {
    return JSON.parse(text.replaceAll('\t', '\\t').replaceAll('\n', '\\n')) as string;
  } catch {
    throw refusedTemplate(`${text} in {{${action}}}`);
  }
}

function valueToken(text: string, value: string | number | boolean | null): Token {
  return { kind: 'value', text, value };
}

/** USAGE: what of a template is not understood. */
export function refusedTemplate(what: string): BerthError {
  return new BerthError('USAGE', `--format: ${what} is not understood`, {
    hint: 'fields like {{.Name}}, if, range, with, variables and functions are, as in docker; or use --json with jq',
  });
}
