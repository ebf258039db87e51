/**
 * The event log as an answer: one JSON object a line.
 */
import type { Engine, EventsRequest } from '../engine/engine.ts';
import { writeAll } from './body.ts';
import type { Exchange } from './router.ts';

export async function sendHistory(engine: Engine, { response, query, signal }: Exchange): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  response.flushHeaders();
  for await (const event of engine.events(requestOf(query), signal)) {
    if (!(await writeAll(response, Buffer.from(`${JSON.stringify(event)}\n`)))) return;
  }
  response.end();
}

function requestOf(query: URLSearchParams): EventsRequest {
  const number = (name: string) => (query.has(name) ? Number(query.get(name)) : undefined);
  return {
    stack: query.get('stack') ?? undefined,
    services: query.getAll('service'),
    sinceMs: number('sinceMs'),
    untilMs: number('untilMs'),
    follow: query.get('follow') === '1',
  };
}
