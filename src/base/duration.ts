/**
 * Durations as Compose writes them: `1h5m30s20ms10us`, to and from milliseconds.
 *
 * Owns the grammar of the Compose Specification ("Specifying durations"); no other room parses one.
 */
const UNIT_MS: Record<string, number> = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000, ns: 1e-6, d: 86_400_000 };
const PART = /(\d+(?:\.\d+)?)(ns|us|ms|s|m|h|d)/y;

/** Milliseconds of `text`, or undefined when it is not a duration; a bare `0` is one. */
export function parseDurationMs(text: string): number | undefined {
  if (text === '0') return 0;
  if (text === '') return undefined;
  let ms = 0;
  PART.lastIndex = 0;
  while (PART.lastIndex < text.length) {
    const part = PART.exec(text);
    if (!part) return undefined;
    ms += Number(part[1]) * UNIT_MS[part[2]!]!;
  }
  return ms;
}

/** Short text of a duration for people: `350ms`, `1.2s`, `1m30s`, `2h5m0s`. */
export function printDuration(ms: number): string {
  if (ms < 1) return `${Math.round(ms * 1000)}us`;
  if (ms < 1000) return `${Math.round(ms)}ms`;
  if (ms < 60_000) return `${Number((ms / 1000).toFixed(1))}s`;
  const seconds = Math.round(ms / 1000);
  const h = Math.floor(seconds / 3600);
  const m = Math.floor((seconds % 3600) / 60);
  return (h > 0 ? `${h}h` : '') + `${m}m${seconds % 60}s`;
}
