/**
 * What watching did, for people: one line each, with the time it took and the file that led to it.
 */
import type { HistoryEvent } from '../engine/history/event.ts';
import type { WatchStatus } from '../engine/watching/watch-calls.ts';

/** `web restarted in 43 ms: src/app.js changed`. */
export function watchLines({ action, service, why, attributes }: HistoryEvent): string[] {
  if (attributes.ms !== undefined) return [`${service} ${action} in ${timeText(Number(attributes.ms))}: ${why}`];
  if (action.includes('failed')) return [`${service}: ${action}: ${why}`];
  if (action === 'exec ended') return outputLines(why, attributes);
  if (action === 'ended') return [why, ...(attributes.output ?? '').split('\n').map((line) => `  ${line}`)];
  /* The beginning of something that takes a while. */
  if (action.includes('rebuild')) return [`${service}: building, ${why}`];
  if (action === 'restart' || action.includes('sync') || action === 'exec') return [];
  return [why];
}

const SHOWN_LINES = 10;

/** A command that says nothing and succeeds is not worth a line; of another, its last ones. */
function outputLines(why: string, { exitCode, output = '' }: HistoryEvent['attributes']): string[] {
  const lines = output === '' ? [] : output.split('\n').slice(-SHOWN_LINES);
  return exitCode === '0' && lines.length === 0 ? [] : [why, ...lines.map((line) => `  ${line}`)];
}

function timeText(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** `watching 1 service, 12 files in 3 folders`. */
export function watchSummary({ services, folders, paths, polled }: WatchStatus): string {
  const names = services.map(({ service }) => service).join(', ');
  const more = polled > 0 ? `; ${counted(polled, 'folder')} looked at every second` : '';
  return `watching for ${names}: ${counted(paths, 'path')} in ${counted(folders, 'folder')}${more}`;
}

/** Of `berth watch --status`. */
export function watchStatusLines(status: WatchStatus): string[] {
  const rules = status.services.flatMap(({ service, rules: own }) =>
    own.map(
      ({ path, action, ended }) => `  ${service}: ${action} when ${path} changes${ended ? ` (ended: ${ended})` : ''}`,
    ),
  );
  const done = status.done.flatMap((event) => watchLines(event).map((line) => `  ${line}`));
  return [`${status.stack}: ${watchSummary(status)}`, ...rules, ...(done.length > 0 ? ['done so far:', ...done] : [])];
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
