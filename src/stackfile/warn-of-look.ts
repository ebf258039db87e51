/**
 * Digits that other readers of YAML take for something else than what is read here.
 */
import type { Finding } from './findings.ts';
import type { Scalar } from './tree.ts';

export type PlainValue = { readonly text: string; readonly value: Scalar };

/** `text` is written without quotes. */
export function warnOfLook({ text, value }: PlainValue, warn: (finding: Finding) => void): void {
  if (typeof value === 'number' && /^[-+]?0[0-7]+$/.test(text)) {
    const hint = `write "${text}" for the text, 0o${text.replace(/^[-+]?0+(?=.)/, '')} for the number`;
    warn({ message: `${text} is an octal number: ${value}`, hint });
  } else if (/^[1-9]\d?(:[0-5]\d)+$/.test(text)) {
    const message = `${text} is a number to the base of 60 for other readers of YAML`;
    warn({ message, hint: `put it in quotes: "${text}"` });
  }
}
