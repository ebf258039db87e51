/**
 * The one container of a service that a command means.
 */
import { BerthError } from '../base/errors.ts';
import type { ContainerSummary } from '../engine/answers.ts';
import type { Engine } from '../engine/engine.ts';

export type Wanted = { readonly stack: string; readonly service: string; readonly index: number | undefined };

/** The replica of that number, or the first there is, running or not; CONTAINER_NOT_FOUND. */
export async function findReplica(engine: Engine, { stack, service, index }: Wanted): Promise<ContainerSummary> {
  const rows = (await engine.containers({ stack, services: [service], all: true })).filter((row) => row.Replica > 0);
  const row = rows.find((one) => index === undefined || one.Replica === index);
  if (row) return row;
  const which = index === undefined ? 'no container' : `no replica ${index}`;
  throw new BerthError('CONTAINER_NOT_FOUND', `service ${service} of stack ${stack} has ${which}`, {
    hint: 'see `berth ps -a`',
  });
}
