/**
 * The exit code that people and scripts are told.
 */
import type { ExitRecord } from '../runtime/spec.ts';

/** Its monitor was gone, and with it whoever knew: it was killed, as far as anybody can tell, and never a success. */
const UNKNOWN_CODE = 137;

/** 0 of what has never ended. */
export function exitCodeOf(exit: Pick<ExitRecord, 'code'> | null): number {
  return exit === null ? 0 : (exit.code ?? UNKNOWN_CODE);
}
