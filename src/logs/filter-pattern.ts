/**
 * Regular expressions as people type them; a bad one is USAGE with its column.
 */
import { BerthError } from '../base/errors.ts';

export function compilePatterns(
  flag: string,
  texts: readonly string[],
  { ignoreCase }: { readonly ignoreCase: boolean },
): RegExp[] {
  return texts.map((text) => {
    const failure = failureOf(text);
    if (failure === undefined) return new RegExp(text, ignoreCase ? 'i' : '');
    const message = `${flag}: ${failure.charAt(0).toLowerCase()}${failure.slice(1)}`;
    const at = { file: flag, line: 1, col: columnOf(text, failure) };
    const hint = 'it is a regular expression of JavaScript; write \\ before a character that is meant as itself';
    throw new BerthError('USAGE', `${message}, at column ${at.col} of ${text}`, {
      diagnostics: [{ severity: 'error', message, at, sourceLine: text, hint }],
    });
  });
}

/** What is wrong with an expression, in the engine's words and without the expression. */
function failureOf(text: string): string | undefined {
  try {
    new RegExp(text);
    return undefined;
  } catch (error) {
    const { message } = error as SyntaxError;
    return message.slice(message.lastIndexOf(': ') + 2);
  }
}

/** Where the shortest beginning ends that fails as the whole does, and so does every longer one. */
function columnOf(text: string, failure: string): number {
  let length = text.length;
  while (length > 1 && failureOf(text.slice(0, length - 1)) === failure) length -= 1;
  return Math.max(length, 1);
}
