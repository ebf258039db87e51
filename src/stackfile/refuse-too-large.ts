/**
 * Files that hold more values than any stack: refused before they take memory.
 */
import type { Findings } from './findings.ts';

/** Throws STACK_FILE_INVALID. */
export function refuseTooLarge(file: string, findings: Findings): never {
  const message = 'the file is too large once its aliases are resolved';
  const hint = 'split it, and name the parts with -f or under `include:`';
  findings.error({ file, line: 1, col: 1, width: 1 }, { message, hint });
  findings.throwErrors();
  throw new Error('unreachable');
}
