/**
 * The line-delimited answer of a long call: events, then its result or error.
 */
import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { failpoint } from '../base/failpoint.ts';
import type { EngineEvent, Watch } from '../engine/engine.ts';
import { connectionError } from './connection-error.ts';
import { type ErrorBody, errorOf } from './wire.ts';

type Line<T> = Partial<ErrorBody> & { readonly event?: EngineEvent; readonly result?: T };

/** The call's result; an answer that breaks off is ENGINE_UNREACHABLE. */
export async function readEvents<T>(response: IncomingMessage, watch: Watch = {}): Promise<T> {
  try {
    for await (const text of createInterface({ input: response })) {
      const line = JSON.parse(text) as Line<T>;
      failpoint('answer.line');
      if (line.event) watch.onEvent?.(line.event);
      else if (line.error) throw errorOf(line, 200);
      else return line.result as T;
    }
  } catch (error) {
    /* What is still being sent has no taker. */
    response.destroy();
    throw connectionError(error, watch.signal);
  }
  throw connectionError(Object.assign(new Error('closed'), { code: 'ECONNRESET' }), watch.signal);
}
