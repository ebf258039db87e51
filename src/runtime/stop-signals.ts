/**
 * Signals by name and number: `SIGTERM`, `TERM`, `15`, `RTMIN+3`.
 *
 * The numbers are those of x86 and Arm, which agree. Real-time signals count
 * from 34, as both glibc and musl do for programs.
 */
import { constants } from 'node:os';
import { BerthError } from '../base/errors.ts';

const RTMIN = 34;
const RTMAX = 64;

const NUMBERS = new Map<string, number>(Object.entries(constants.signals));

/** The number of a signal in any of its spellings; REQUEST_INVALID when there is none. */
export function signalNumber(text: string): number {
  const upper = text.trim().toUpperCase();
  const number = /^\d+$/.test(upper) ? Number(upper) : namedSignal(upper.replace(/^SIG/, ''));
  if (number !== undefined && number >= 1 && number <= RTMAX) return number;
  throw new BerthError('REQUEST_INVALID', `"${text}" is not a signal`, {
    hint: 'use a name such as SIGTERM or SIGINT, or a number from 1 to 64',
  });
}

function namedSignal(name: string): number | undefined {
  const realTime = /^RT(MIN|MAX)(?:([+-])(\d+))?$/.exec(name);
  if (realTime === null) return NUMBERS.get(`SIG${name}`);
  const [, base, sign, digits] = realTime;
  const number = (base === 'MIN' ? RTMIN : RTMAX) + Number(`${sign ?? '+'}${digits ?? 0}`);
  return number >= RTMIN && number <= RTMAX ? number : undefined;
}

/** Names that two entries share: the one people know. */
const PREFERRED: Readonly<Record<number, string>> = { 6: 'SIGABRT', 17: 'SIGCHLD', 29: 'SIGIO' };

/** `SIGTERM` for 15, `SIGRTMIN+3` for 37, the number itself when it has no name. */
export function signalName(number: number): string {
  if (PREFERRED[number] !== undefined) return PREFERRED[number];
  for (const [name, value] of NUMBERS) if (value === number) return name;
  if (number >= RTMIN && number <= RTMAX) return number === RTMIN ? 'SIGRTMIN' : `SIGRTMIN+${number - RTMIN}`;
  return String(number);
}
