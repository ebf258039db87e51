/**
 * `pull_policy` of the Compose Specification, section "pull_policy".
 *
 * Pure.
 */
import { parseDurationMs } from '../base/duration.ts';

/** `everyMs`: fetched anew when the last time is longer ago. */
export type PullPolicy = 'always' | 'never' | 'missing' | 'build' | { readonly everyMs: number };

const DAY_MS = 24 * 3600 * 1000;
const NAMED: Readonly<Record<string, PullPolicy>> = {
  always: 'always',
  never: 'never',
  missing: 'missing',
  if_not_present: 'missing',
  build: 'build',
  daily: { everyMs: DAY_MS },
  weekly: { everyMs: 7 * DAY_MS },
};
const UNIT_MS: Readonly<Record<string, number>> = { w: 7 * DAY_MS, d: DAY_MS, h: 3_600_000, m: 60_000, s: 1000 };

/** undefined when it is none. `refreshAfter`: the service's pull_refresh_after, for `refresh`. */
export function parsePullPolicy(text: string, refreshAfter?: string): PullPolicy | undefined {
  if (Object.hasOwn(NAMED, text)) return NAMED[text];
  if (text === 'refresh') return { everyMs: refreshAfter === undefined ? DAY_MS : (parseAge(refreshAfter) ?? DAY_MS) };
  const age = /^every_(.+)$/.exec(text)?.[1];
  const everyMs = age === undefined ? undefined : parseAge(age);
  return everyMs === undefined ? undefined : { everyMs };
}

/** `1w2d`, `12h`; or as durations are written everywhere else. */
function parseAge(text: string): number | undefined {
  if (!/^(\d+[wdhms])+$/.test(text)) return parseDurationMs(text);
  return [...text.matchAll(/(\d+)([wdhms])/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * UNIT_MS[unit!]!,
    0,
  );
}
