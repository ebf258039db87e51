/**
 * How long ago something was, for people: one unit, so that it stays narrow.
 */

const UNITS = [
  ['y', 365 * 86_400],
  ['mo', 30 * 86_400],
  ['w', 7 * 86_400],
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
] as const;

/** `42s`, `5m`, `26h`, `9d`, `6w`, `8mo`, `3y`: whole units, two of a unit before the next larger one is taken. */
export function printAge(sinceMs: number, nowMs = Date.now()): string {
  const seconds = Math.max(Math.floor((nowMs - sinceMs) / 1000), 0);
  const [unit, length] = UNITS.find(([name, one]) => seconds >= (name === 'm' ? one : 2 * one)) ?? ['s', 1];
  return `${Math.floor(seconds / length)}${unit}`;
}
