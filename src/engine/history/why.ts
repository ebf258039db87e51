/**
 * From the events to the reasons: why a container is as it is now.
 *
 * Pure. Starts at the last thing that happened to it and follows the causes
 * back, through dependencies, other containers and commands.
 */
import type { HistoryEvent } from './event.ts';

export type WhyLink = {
  readonly event: HistoryEvent;
  /** 0: the fact itself, 1: its cause, 2: the cause of that ... */
  readonly depth: number;
  /** `cause`: without it this would not be; `after`: it had to come first. */
  readonly relation: 'fact' | 'cause' | 'after';
};

/** What a person asks about: the last of these that happened is the fact to be explained. */
const TURNS = /^(create|start|die|restart|stop|pause|unpause|kill|destroy|oom|health_status: .*|.* failed)$/;
const MAX_DEPTH = 12;

/** The chain from the last turn in the life of a container that `isMeant`; empty when nothing is known. */
export function whyOf(events: readonly HistoryEvent[], isMeant: (event: HistoryEvent) => boolean): WhyLink[] {
  const fact = events.findLast((e) => e.type === 'container' && TURNS.test(e.action) && isMeant(e));
  if (!fact) return [];
  const byId = new Map(events.map((event) => [event.id, event]));
  const links: WhyLink[] = [];
  const seen = new Set<number>();
  const follow = (event: HistoryEvent, depth: number, relation: WhyLink['relation']): void => {
    if (seen.has(event.id) || depth > MAX_DEPTH) return;
    seen.add(event.id);
    links.push({ event, depth, relation });
    for (const id of waitedFor(event, byId)) follow(byId.get(id)!, depth + 1, 'after');
    const cause = event.cause === null ? undefined : byId.get(event.cause);
    if (cause) follow(cause, depth + 1, 'cause');
  };
  follow(fact, 0, 'fact');
  return links;
}

/** Only what it waited for last: the others were there already. Of its own container's steps nothing is to be learnt. */
function waitedFor(event: HistoryEvent, byId: ReadonlyMap<number, HistoryEvent>): number[] {
  const others = event.after.filter((id) => {
    const before = byId.get(id);
    return before !== undefined && before.actor.name !== event.actor.name && before.id !== event.cause;
  });
  return others.length === 0 ? [] : [Math.max(...others)];
}
