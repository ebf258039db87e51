/**
 * Identifiers of containers, execs and networks.
 *
 * Owns their form only: 64 lower-case hex digits as OCI tools use.
 */
import { randomBytes } from 'node:crypto';

/** A new random id of 64 hex digits. */
export function newId(): string {
  return randomBytes(32).toString('hex');
}
