/**
 * Points in time as people type them: a date, Unix seconds, or a duration before now.
 */
import { parseDurationMs } from './duration.ts';
import { BerthError } from './errors.ts';

/** Milliseconds since 1970, undefined for undefined. USAGE when it is none of the three. */
export function parseMoment(text: string | undefined, nowMs = Date.now()): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (/^\d{4}-\d{2}/.test(text)) {
    const ms = Date.parse(text);
    if (!Number.isNaN(ms)) return ms;
  }
  const ago = parseDurationMs(text);
  if (ago !== undefined) return nowMs - ago;
  throw new BerthError('USAGE', `"${text}" is no time`, {
    hint: 'use 2024-05-01T10:00:00Z, or 10m for ten minutes ago',
  });
}
