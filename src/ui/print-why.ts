/**
 * The answer of `berth why`: the fact, then what led to it, each line with its time.
 */
import type { WhyAnswer } from '../engine/engine.ts';
import type { HistoryEvent } from '../engine/history/event.ts';
import type { WhyLink } from '../engine/history/why.ts';
import { localTime } from './print-events.ts';

export function whyLines({ service, container, chain, lastLines }: WhyAnswer): string[] {
  const state = container ? `${container.Name} is ${stateText(container)}` : `${service} has no container now`;
  const links = chain.map((link, index) => linkLine(link, chain[index - 1]?.event.time));
  const said = lastLines.length > 0 ? ['', 'its last log lines:', ...lastLines.map((line) => `  ${line}`)] : [];
  return [state, ...links, ...said];
}

function stateText({ State, Status }: NonNullable<WhyAnswer['container']>): string {
  return Status ? `${State}: ${Status}` : State;
}

/** Deeper causes stand further in; the date is said once a day. */
function linkLine({ event, depth, relation }: WhyLink, before: string | undefined): string {
  const lead = relation === 'fact' ? '' : relation === 'cause' ? 'because ' : 'after ';
  const time = localTime(event.time);
  const shown = before && localTime(before).slice(0, 10) === time.slice(0, 10) ? time.slice(11) : time;
  return `${'  '.repeat(depth + 1)}${lead}${sentence(event)}, ${shown}${outputOf(event)}`;
}

function sentence({ type, action, actor, service, why, attributes }: HistoryEvent): string {
  if (type === 'command') return `of ${why}`;
  const note = attributes.note ? ` (${attributes.note})` : '';
  const who = actor.name || service;
  const code = attributes.exitCode ? ` with exit code ${attributes.exitCode}` : '';
  const verb = VERBS[action] ?? action;
  return `${who} ${verb}${action === 'kill' ? ` ${attributes.signal ?? 'a signal'}` : code}${note}: ${why}`;
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
