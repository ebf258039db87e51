/**
 * The answer of `berth why`: the fact, then what led to it, each line with its time.
 */
import type { WhyAnswer } from '../engine/engine.ts';
import type { HistoryEvent } from '../engine/history/event.ts';
import type { WhyLink } from '../engine/history/why.ts';
import { collapseRounds } from './collapse-rounds.ts';
import { localTime } from './print-events.ts';
import { safeText } from './safe-text.ts';
import { wrapLine } from './wrap-line.ts';

/** `width`: of the window; undefined: lines as long as they are. */
export function whyLines({ service, container, chain, lastLines }: WhyAnswer, width?: number): string[] {
  const state = container ? `${container.Name} is ${stateText(container)}` : `${service} has no container now`;
  const rounds = collapseRounds(chain);
  const links = rounds.flatMap(({ link, more }, index) => {
    const line = linkLine(link, rounds[index - 1]?.link.event.time);
    return more
      ? [line, `${marginOf(link.depth)}and so ${timesText(more.count)} before, since ${clock(more.since)}`]
      : [line];
  });
  const said =
    lastLines.length > 0
      ? ['', 'its last log lines:', ...lastLines.map((line) => `  ${width === undefined ? line : shown(line)}`)]
      : [];
  return [...[state, ...links].flatMap((line) => wrapLine(line, width)), ...said];
}

/** What a program wrote must not steer the terminal. */
function shown(line: string): string {
  return safeText(Buffer.from(line), { colors: false, ends: true }).text.toString();
}

function stateText({ State, Status }: NonNullable<WhyAnswer['container']>): string {
  return Status ? `${State}: ${Status}` : State;
}

/** Deeper causes stand further in; the date is said once a day. */
function linkLine({ event, depth, relation }: WhyLink, before: string | undefined): string {
  const lead = relation === 'fact' ? '' : relation === 'cause' ? 'because ' : 'after ';
  const time = localTime(event.time);
  const shown = before && localTime(before).slice(0, 10) === time.slice(0, 10) ? time.slice(11) : time;
  return `${marginOf(depth)}${lead}${sentence(event)}, ${shown}${outputOf(event)}`;
}

/** A long chain must not end at the right edge. */
function marginOf(depth: number): string {
  return '  '.repeat(Math.min(depth, MOST_STEPS) + 1);
}

const MOST_STEPS = 6;

function timesText(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function clock(time: string): string {
  return localTime(time).slice(11);
}

function sentence({ type, action, actor, service, why, attributes }: HistoryEvent): string {
  if (type === 'command') return `of ${why}`;
  const note = attributes.note ? ` (${attributes.note})` : '';
  const who = actor.name || service;
  const code = attributes.exitCode ? ` with exit code ${attributes.exitCode}` : '';
  const verb = VERBS[action] ?? action;
  const end = action === 'kill' ? ` ${attributes.signal ?? 'a signal'}` : code;
  /* Why it ended is that it ended, with the same code. */
  const reason = code !== '' && why.endsWith(code) ? '' : `: ${why}`;
  return `${who} ${verb}${end}${note}${reason}`;
}

const VERBS: Readonly<Record<string, string>> = {
  create: 'was created',
  start: 'was started',
  update: 'was updated',
  stop: 'was stopped',
  die: 'ended',
  kill: 'was sent',
  oom: 'was out of memory',
  restart: 'is to be restarted',
  destroy: 'was removed',
  healthy: 'was healthy',
  completed: 'had completed',
  ready: 'was ready',
  pause: 'was paused',
  unpause: 'went on',
};

function outputOf({ attributes }: HistoryEvent): string {
  if (!attributes.output) return '';
  const first = attributes.output.split('\n', 1)[0]!;
  return `; it said: ${first.length > 120 ? `${first.slice(0, 117)}...` : first}`;
}
