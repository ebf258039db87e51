/**
 * Gives each step of a plan to the file that does it.
 */
import { assertNever } from '../../base/errors.ts';
import type { Perform } from '../execute.ts';
import { openStep } from '../history/step-events.ts';
import type { Op } from '../plan.ts';
import { createContainer } from './create-container.ts';
import { createNetwork, removeNetwork } from './networks.ts';
import type { Operation } from './operation.ts';
import { pauseContainer, unpauseContainer } from './pause-container.ts';
import { removeContainer } from './remove-container.ts';
import { settleContainer } from './settle-container.ts';
import { startContainer } from './start-container.ts';
import { stopContainer } from './stop-container.ts';
import { updateContainer } from './update-container.ts';
import { createVolume, removeVolume } from './volumes.ts';
import { waitFor } from './wait.ts';

/** The `perform` of an execution of `operation`; every step leaves an event. */
export function performing(operation: Operation): Perform {
  const events = new Map<number, number>();
  return async (step, signal) => {
    const journal = openStep(operation, step, events);
    try {
      const note = await perform(operation, step.op, signal);
      journal.done(note);
      return note;
    } catch (error) {
      journal.failed(error);
      throw error;
    }
  };
}

async function perform(operation: Operation, op: Op, signal: AbortSignal): Promise<string | undefined> {
  switch (op.kind) {
    case 'create-network':
      return await createNetwork(operation, op.network);
    case 'remove-network':
      return await removeNetwork(operation.world, op.network);
    case 'create-volume':
      return await createVolume(operation, op.volume);
    case 'remove-volume':
      return await removeVolume(operation.world, op.volume);
    case 'create-container':
      return await createContainer(operation, op.service, op);
    case 'start-container':
      return await startContainer(operation, op);
    case 'update-container':
      return await updateContainer(operation, op.service, op.id);
    case 'stop-container':
      return await stopContainer(operation.world, op.id, operation.graceMs, operation.stopSignal);
    case 'remove-container':
      return await removeContainer(operation.world, op.id, { volumes: op.volumes });
    case 'pause-container':
      return await pauseContainer(operation.world, op.id);
    case 'unpause-container':
      return await unpauseContainer(operation.world, op.id);
    case 'settle-container':
      return await settleContainer(operation, op, signal);
    case 'wait':
      return await waitFor(operation, op, signal);
    default:
      return assertNever(op);
  }
}
