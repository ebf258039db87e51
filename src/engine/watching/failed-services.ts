/**
 * Tells when a service that is watched ends badly after an action on it: once, with its last lines.
 */
import type { HistoryEvent } from '../history/event.ts';
import { lastLines } from '../last-lines.ts';
import type { World } from '../world.ts';

const LAST_LINES = 5;

type Acted = { readonly cause: number; readonly busy: boolean; readonly death?: HistoryEvent };

/** Listens until the returned function is called. */
export function tellFailures(world: World, isWatched: (stack: string, service: string) => boolean): () => void {
  /* The last action on each service, until its end was told. */
  const acted = new Map<string, Acted>();
  const told = (key: string, death: HistoryEvent, cause: number) => {
    acted.delete(key);
    void tell(world, death, cause).catch((error: unknown) => world.log(`watch: ${String(error)}`));
  };
  return world.history.listen((event) => {
    const key = `${event.stack}/${event.service}`;
    const last = acted.get(key);
    if (event.type === 'watch' && event.cause === null && 'files' in event.attributes)
      acted.set(key, { cause: event.id, busy: true });
    else if (event.type === 'watch' && last && event.cause === last.cause) {
      /* It may end before the action on it does: first the one is told, then the other. */
      if (last.death) told(key, last.death, last.cause);
      else acted.set(key, { ...last, busy: false });
    } else if (last && isFailure(world, event) && isWatched(event.stack, event.service)) {
      if (last.busy) acted.set(key, { ...last, death: event });
      else told(key, event, last.cause);
    }
  });
}

/** An end by berth's doing has a cause of its own. */
function isFailure(world: World, { type, action, attributes, actor }: HistoryEvent): boolean {
  if (type !== 'container' || action !== 'die' || attributes.exitCode === '0') return false;
  const live = world.live.get(actor.id);
  return !live?.stopping && (live?.endCause ?? null) === null;
}

async function tell(world: World, death: HistoryEvent, cause: number): Promise<void> {
  const { stack, service, replica, actor, attributes } = death;
  const lines = await lastLines(world, actor.id, LAST_LINES);
  world.history.add({
    type: 'watch',
    action: 'ended',
    stack,
    service,
    replica,
    why: `${actor.name} ended with exit code ${attributes.exitCode}; the next change starts it again`,
    cause,
    attributes: { output: lines.join('\n') },
  });
}
