/**
 * A scalar without quotes -> its value, as Compose's own loader reads YAML 1.2 with the numbers of 1.1.
 *
 * Pure. `yes` and `no` are text; `0755`, `0o755`, `0x1f` and `1_000` are
 * numbers; sexagesimals (`1:30`) and dates are text.
 */
import type { Scalar } from './tree.ts';

const WORDS: ReadonlyMap<string, Scalar> = new Map<string, Scalar>([
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, false] as const),
]);

const FLOAT = /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/;
const INTEGERS: readonly [RegExp, number][] = [
  [/^[-+]?0[bB][01]+$/, 2],
  [/^[-+]?0[oO]?[0-7]+$/, 8],
  [/^[-+]?0[xX][0-9a-fA-F]+$/, 16],
  [/^[-+]?(0|[1-9]\d*)$/, 10],
];

export function readPlainScalar(text: string): Scalar {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  if (!/^[-+.\d]/.test(text)) return text;
  if (/^[-+]?\.(inf|Inf|INF)$/.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (/^\.(nan|NaN|NAN)$/.test(text)) return Number.NaN;
  const digits = text.replaceAll('_', '');
  const integer = INTEGERS.find(([pattern]) => pattern.test(digits));
  if (integer) return integerOf(digits, integer[1]) ?? text;
  return FLOAT.test(digits) ? Number(digits) : text;
}

/** Digits that a number can not hold stay as they are written. */
function integerOf(digits: string, base: number): number | undefined {
  const [, sign, rest = ''] = /^([-+]?)(?:0[bBoOxX])?(.*)$/.exec(digits) ?? [];
  const value = Number.parseInt(rest, base);
  if (!Number.isSafeInteger(value)) return undefined;
  return sign === '-' && value !== 0 ? -value : value;
}
