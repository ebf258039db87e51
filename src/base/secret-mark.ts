/**
 * What may be kept of a secret's value: enough to see that it has changed.
 */
import { createHash } from 'node:crypto';

/** Too short to find out the value by trying: some of every 16 million guesses fit. */
export function secretMark(name: string, value: string): string {
  return createHash('sha256').update(`berth secret\0${name}\0${value}`).digest('hex').slice(0, 6);
}
