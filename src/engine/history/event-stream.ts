/**
 * The events a caller asked for: what is on disk, then what comes.
 */
import type { EventsRequest } from '../engine.ts';
import { outbox } from '../outbox.ts';
import type { World } from '../world.ts';
import type { HistoryEvent } from './event.ts';

/** Oldest first. With `follow` it ends with the signal, or when `untilMs` is reached. */
export async function* streamEvents(
  world: World,
  request: EventsRequest,
  signal: AbortSignal,
): AsyncGenerator<HistoryEvent> {
  const live = request.follow ? listen(world, request, signal) : undefined;
  let last = 0;
  try {
    if (!request.follow || request.sinceMs !== undefined) {
      for await (const event of world.history.read()) {
        last = event.id;
        if (isWanted(event, request)) yield event;
      }
    }
    if (!live) return;
    for await (const event of live.items()) if (event.id > last) yield event;
  } finally {
    live?.end();
  }
}

/** Listens from the first moment on, so that nothing falls between the file and the new ones. */
function listen(world: World, request: EventsRequest, signal: AbortSignal) {
  const box = outbox<HistoryEvent>();
  const left = request.untilMs === undefined ? undefined : Math.max(0, request.untilMs - Date.now());
  const timer = left === undefined ? undefined : setTimeout(() => end(), Math.min(left, 2 ** 31 - 1));
  const unhook = world.history.listen((event) => {
    if (isWanted(event, request)) void box.put(event);
  });
  const end = () => {
    clearTimeout(timer);
    unhook();
    box.end();
  };
  for (const over of [signal, world.closing]) {
    if (over.aborted) end();
    else over.addEventListener('abort', end, { once: true });
  }
  return { items: box.items, end };
}

function isWanted(event: HistoryEvent, { stack, services = [], sinceMs, untilMs }: EventsRequest): boolean {
  const at = Date.parse(event.time);
  if (stack !== undefined && event.stack !== stack) return false;
  if (services.length > 0 && !services.includes(event.service)) return false;
  return (sinceMs === undefined || at >= sinceMs) && (untilMs === undefined || at <= untilMs);
}
