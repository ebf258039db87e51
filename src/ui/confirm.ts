/**
 * A question with yes or no, for what can not be undone.
 */
import { createInterface } from 'node:readline/promises';
import { BerthError } from '../base/errors.ts';

/** Asks on stderr; nobody there to answer is USAGE with the flag that says yes. */
export async function confirm(question: string, yesFlag: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new BerthError('USAGE', 'this asks before it removes something, and nobody can answer', {
      hint: `add ${yesFlag}`,
    });
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await prompt.question(`${question} [yN] `)).trim());
  } finally {
    prompt.close();
  }
}
