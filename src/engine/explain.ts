/**
 * `why`: how a service came to be as it is, with the last things its program said.
 */
import { BerthError } from '../base/errors.ts';
import type { WhyAnswer, WhyRequest } from './engine.ts';
import type { HistoryEvent } from './history/event.ts';
import { whyOf } from './history/why.ts';
import { refuseUnknownServices } from './known-services.ts';
import { lastLines } from './last-lines.ts';
import { recordsOf } from './observe.ts';
import { summarize } from './summary.ts';
import type { World } from './world.ts';

const LAST_LINES = 5;

/** SERVICE_NOT_FOUND when neither the stack nor its history knows the service. */
export async function explain(world: World, { stack, service, replica = 0 }: WhyRequest): Promise<WhyAnswer> {
  const events: HistoryEvent[] = [];
  for await (const event of world.history.read()) if (event.stack === stack) events.push(event);
  const records = recordsOf(world, stack).filter((r) => r.service === service && (!replica || r.replica === replica));
  const present = new Set(records.map((r) => r.id));
  /* What became of a predecessor is of interest only when nobody came after it. */
  const isMeant = (e: HistoryEvent) =>
    present.size > 0 ? present.has(e.actor.id) : e.service === service && (!replica || e.replica === replica);
  const chain = whyOf(events, isMeant);
  if (chain.length === 0) refuseUnknownServices(world, stack, [service]);
  const fact = chain[0]?.event;
  const record = records.find((r) => r.id === fact?.actor.id) ?? records[0];
  if (!fact && !record) {
    throw new BerthError('CONTAINER_NOT_FOUND', `service ${service} of ${stack} has had no container yet`, {
      hint: 'start it with `berth up -d`',
    });
  }
  return {
    service,
    container: record ? summarize(world, record) : null,
    chain,
    lastLines: record ? await lastLines(world, record.id, LAST_LINES) : [],
  };
}
