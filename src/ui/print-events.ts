/**
 * Events for people: one line each.
 */
import type { HistoryEvent } from '../engine/history/event.ts';

/** `2026-01-02 10:00:00.123  container web-1 die: its program ended with exit code 1`. */
export function eventLine(event: HistoryEvent): string {
  const who = event.actor.name || event.service;
  const details = Object.entries(event.attributes)
    .filter(([key, value]) => !SAID_ELSEWHERE.has(key) && !isSaid(event.why, key, value))
    .map(([key, value]) => `${key}=${value}`);
  const bracket = details.length > 0 ? ` (${details.join(', ')})` : '';
  return `${localTime(event.time)}  ${[event.type, who, event.action].filter(Boolean).join(' ')}${bracket}: ${event.why}`;
}

const SAID_ELSEWHERE: ReadonlySet<string> = new Set(['image', 'output', 'delayMs']);

/** The reason says it already, or it says that nothing was. */
function isSaid(why: string, key: string, value: string): boolean {
  return key === 'oomKilled' ? value === 'false' : key === 'exitCode' && why.endsWith(`exit code ${value}`);
}

/** Field names of `docker compose events --json`, then our own. */
export function eventJson(event: HistoryEvent) {
  return {
    time: event.time,
    type: event.type,
    service: event.service,
    id: event.actor.id,
    action: event.action,
    attributes: { name: event.actor.name, ...event.attributes },
    event: event.id,
    stack: event.stack,
    replica: event.replica,
    why: event.why,
    cause: event.cause,
    after: event.after,
  };
}

/** In the machine's time zone, to the millisecond. */
export function localTime(iso: string): string {
  const at = new Date(iso);
  const two = (n: number) => String(n).padStart(2, '0');
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const ms = String(at.getMilliseconds()).padStart(3, '0');
  return `${date} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${ms}`;
}
