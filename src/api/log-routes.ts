/**
 * A log stream as an answer: sources are declared once, then their records go out as they lie on disk.
 */
import { assertNever } from '../base/errors.ts';
import type { Engine, LogItem, LogSource, LogsRequest } from '../engine/engine.ts';
import { encodeFrame } from '../runtime/frames.ts';
import { writeAll } from './body.ts';
import type { Exchange } from './router.ts';
import { errorBody } from './wire.ts';
import { LOG_FRAME, LOG_STREAM } from './wire-names.ts';

export async function sendLogs(engine: Engine, { response, params, query, signal }: Exchange): Promise<void> {
  const items = engine.logs(requestOf(params.stack!, query), signal);
  const numbers = new Map<string, number>();
  response.writeHead(200, { 'content-type': LOG_STREAM });
  response.flushHeaders();
  try {
    for await (const item of items) {
      if (!(await writeAll(response, Buffer.concat(framesOf(item, numbers))))) return;
    }
  } catch (error) {
    response.write(encodeFrame(LOG_FRAME.error, JSON.stringify(errorBody(error))));
  }
  response.end();
}

function framesOf(item: LogItem, numbers: Map<string, number>): Buffer[] {
  switch (item.kind) {
    case 'sources': {
      const declared = item.sources.flatMap((source) => declaration(numbers, source));
      return [...declared, encodeFrame(LOG_FRAME.services, JSON.stringify(item.services))];
    }
    case 'lines': {
      const { source, lines } = item;
      return [...declaration(numbers, source), linesFrame(numbers.get(source.container)!, lines)];
    }
    case 'caught-up':
      return [encodeFrame(LOG_FRAME.caughtUp, '')];
    default:
      return assertNever(item);
  }
}

function declaration(numbers: Map<string, number>, source: LogSource): Buffer[] {
  if (numbers.has(source.container)) return [];
  numbers.set(source.container, numbers.size);
  return [encodeFrame(LOG_FRAME.source, JSON.stringify(source))];
}

function linesFrame(number: number, lines: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(number);
  return encodeFrame(LOG_FRAME.lines, Buffer.concat([head, lines]));
}

function requestOf(stack: string, query: URLSearchParams): LogsRequest {
  const number = (name: string) => (query.has(name) ? Number(query.get(name)) : undefined);
  return {
    stack,
    services: query.getAll('service'),
    containers: query.has('containers') ? query.getAll('containers') : undefined,
    follow: query.get('follow') === '1',
    keepOpen: query.get('keepOpen') === '1',
    oneOff: query.get('oneOff') === '1',
    tail: number('tail'),
    sinceMs: number('sinceMs'),
    untilMs: number('untilMs'),
    index: number('index'),
  };
}
