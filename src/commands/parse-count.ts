/** A count of lines from a flag: a number, or `all`. */
import { BerthError } from '../base/errors.ts';

export function parseCount(flag: string, text: string): number | undefined {
  if (text === 'all') return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw new BerthError('USAGE', `${flag} ${text} is neither a number nor \`all\``);
}
