/**
 * Single values in canonical form: sizes as text of bytes, durations as Go prints them.
 */
import { bytesOr, durationOr, type Raw } from './conversion.ts';

type Out = Record<string, unknown>;

/** Without what is null, undefined, or an empty list or map; a command that was emptied stays. */
export function withoutEmpty(values: Out): Out {
  return Object.fromEntries(
    Object.entries(values).filter(([key, value]) => {
      if (key.startsWith('x-')) return true;
      if (value === null || value === undefined) return false;
      if (Array.isArray(value)) return value.length > 0 || key === 'command' || key === 'entrypoint';
      return typeof value !== 'object' || Object.keys(value).length > 0;
    }),
  );
}

/** Attributes of the person's own. */
export function extensionsOf(raw: Raw): Out {
  return Object.fromEntries(Object.entries(raw).filter(([key]) => key.startsWith('x-')));
}

export function canonicalBytes(written: unknown): string | undefined {
  const bytes = bytesOr(written, null);
  return bytes === null ? undefined : String(bytes);
}

export function canonicalNumber(written: unknown): number | undefined {
  return written === undefined || written === null ? undefined : Number(written);
}

/** `1m0s`, `1h0m0s`, `1.5s`, `250ms`. */
export function canonicalDuration(written: unknown): string | undefined {
  const ms = durationOr(written, null);
  if (ms === null) return undefined;
  if (ms === 0) return '0s';
  if (ms < 1) return `${Number((ms * 1000).toFixed(3))}\u00b5s`;
  if (ms < 1000) return `${Number(ms.toFixed(6))}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor((ms % 3_600_000) / 60_000);
  const seconds = `${Number(((ms % 60_000) / 1000).toFixed(9))}s`;
  return hours > 0 ? `${hours}h${minutes}m${seconds}` : minutes > 0 ? `${minutes}m${seconds}` : seconds;
}
