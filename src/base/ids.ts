/**
 * Identifiers of containers, execs and networks.
 *
 * Owns their form only: 64 lower-case hex digits as OCI tools use, 12 of them for people.
 */
import { randomBytes } from 'node:crypto';

/** A new random id of 64 hex digits. */
export function newId(): string {
  return randomBytes(32).toString('hex');
}

/** The 12 digits that people see. */
export function shortId(id: string): string {
  return id.slice(0, 12);
}
