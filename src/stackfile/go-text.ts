/**
 * Numbers, sizes and durations as text, in the way in which Go prints them: that is what the canonical form is made of.
 */
import { parseBytes } from '../base/bytes.ts';
import { parseDurationMs } from '../base/duration.ts';

/** Of a scalar that a mapping holds. */
export function goText(value: string | number | boolean): string {
  return typeof value === 'number' ? goNumber(value) : String(value);
}

/** Exponents from 1e21 on and below 1e-4, with two digits at least. */
function goNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return String(value);
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  const small = Math.abs(value) < 1e-4;
  const text = small ? value.toExponential() : String(value);
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

/** Bytes of a size; undefined when it is none. */
export function goBytes(value: string | number): string | undefined {
  if (typeof value === 'number' || value === '-1') return String(value);
  const bytes = parseBytes(value);
  return bytes === undefined ? undefined : String(bytes);
}

const WEEK_MS = 7 * 86_400_000;

/** `1m0s`, `1h0m0s`, `1.5s`, `250ms`; undefined when it is no duration. */
export function goDuration(text: string): string | undefined {
  const [, sign = '', rest = ''] = /^([-+]?)(.*)$/.exec(text) ?? [];
  const weeks = /^(\d+(?:\.\d*)?)w/.exec(rest);
  const days = weeks ? rest.slice(weeks[0].length) : rest;
  const ms = weeks && days === '' ? 0 : parseDurationMs(days.replace(/^\./, '0.').replaceAll('\u00b5', 'u'));
  if (ms === undefined) return undefined;
  const total = ms + Number(weeks?.[1] ?? 0) * WEEK_MS;
  return `${sign === '-' && total > 0 ? '-' : ''}${printed(total)}`;
}

function printed(ms: number): string {
  if (ms === 0) return '0s';
  if (ms < 0.001) return `${Number((ms * 1e6).toFixed(0))}ns`;
  if (ms < 1) return `${Number((ms * 1000).toFixed(3))}\u00b5s`;
  if (ms < 1000) return `${Number(ms.toFixed(6))}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor((ms % 3_600_000) / 60_000);
  const seconds = `${Number(((ms % 60_000) / 1000).toFixed(9))}s`;
  return hours > 0 ? `${hours}h${minutes}m${seconds}` : minutes > 0 ? `${minutes}m${seconds}` : seconds;
}
