/**
 * Reads a log stream: frames -> items.
 */
import { errnoOf } from '../base/errors.ts';
import type { LogItem, LogSource, LogsRequest } from '../engine/engine.ts';
import { type Frame, frameReader } from '../runtime/frames.ts';
import { connectionError } from './connection-error.ts';
import { queryOf, stackPath } from './query.ts';
import { openAnswer } from './request.ts';
import { type ErrorBody, errorOf } from './wire.ts';
import { LOG_FRAME } from './wire-names.ts';

export async function* readLogs(
  socketPath: string,
  request: LogsRequest,
  signal: AbortSignal,
): AsyncGenerator<LogItem> {
  const { stack, services, by: _, ...rest } = request;
  const path = `${stackPath(stack, 'logs')}?${queryOf({ ...rest, service: services })}`;
  const read = frameReader();
  const sources: LogSource[] = [];
  try {
    const response = await openAnswer(socketPath, { method: 'GET', path, signal });
    for await (const chunk of response as AsyncIterable<Buffer>) {
      for (const frame of read(chunk)) {
        const item = itemOf(frame, sources);
        if (item) yield item;
      }
    }
  } catch (error) {
    if (!signal.aborted) throw isConnectionLost(error) ? connectionError(error) : error;
  }
}

/** The answer broke off: Node says only that. */
function isConnectionLost(error: unknown): boolean {
  return errnoOf(error) === 'ECONNRESET' || errnoOf(error) === 'EPIPE';
}

/** undefined: it only declares a source. */
function itemOf({ type, payload }: Frame, sources: LogSource[]): LogItem | undefined {
  switch (type) {
    case LOG_FRAME.source:
      sources.push(JSON.parse(payload.toString()) as LogSource);
      return undefined;
    case LOG_FRAME.services:
      return { kind: 'sources', sources: [...sources], services: JSON.parse(payload.toString()) as string[] };
    case LOG_FRAME.lines:
      return { kind: 'lines', source: sources[payload.readUInt32BE(0)]!, lines: payload.subarray(4) };
    case LOG_FRAME.caughtUp:
      return { kind: 'caught-up' };
    case LOG_FRAME.error:
      throw errorOf(JSON.parse(payload.toString()) as ErrorBody, 200);
    default:
      throw new Error(`frame ${type} in a log stream`);
  }
}
