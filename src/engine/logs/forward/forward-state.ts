/**
 * How far the log of one container has been sent, on disk beside it: outlives engine and container.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readState, writeState } from '../../../base/atomic-file.ts';
import { BerthError } from '../../../base/errors.ts';
import type { LogPlace } from '../../../logs/log-place.ts';
import type { LogForward } from '../../../model/service-logs.ts';

const SCHEMA = 1;

export type ForwardState = {
  readonly forward: LogForward;
  readonly sender: ForwardSender;
  readonly place: LogPlace;
  /** All that the container wrote until its end has been sent. */
  readonly isDone: boolean;
};

export type ForwardSender = {
  readonly stack: string;
  readonly service: string;
  readonly replica: number;
  readonly container: string;
};

/** undefined when nothing has been sent yet; what is damaged counts as nothing. */
export async function readForwardState(folder: string): Promise<ForwardState | undefined> {
  try {
    return await readState<ForwardState>(pathIn(folder), SCHEMA);
  } catch (error) {
    if (error instanceof BerthError && error.code === 'STATE_CORRUPT') return undefined;
    throw error;
  }
}

/** Does nothing when the log has been removed meanwhile. */
export async function writeForwardState(folder: string, state: ForwardState): Promise<void> {
  if (existsSync(folder)) await writeState(pathIn(folder), SCHEMA, state, { durable: false });
}

function pathIn(folder: string): string {
  return join(folder, 'forward.json');
}
