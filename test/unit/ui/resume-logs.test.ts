import { expect, test } from 'vitest';
import { BerthError } from '../../../src/base/errors.ts';
import type { Engine, LogBatch, LogItem, LogsRequest } from '../../../src/engine/engine.ts';
import { joinParts } from '../../../src/logs/join-parts.ts';
import { resumingLogs } from '../../../src/ui/resume-logs.ts';
import { record } from '../logs/log-records.ts';

const GONE = new BerthError('ENGINE_UNREACHABLE', 'the engine went away');
const NOT_FOUND = new BerthError('SERVICE_NOT_FOUND', 'no such service');
const REQUEST: LogsRequest = { stack: 's', services: [], follow: true, tail: 3 };

const lines = (service: string, ...records: Buffer[]): LogBatch => ({
  kind: 'lines',
  source: { container: `s-${service}-1`, service, replica: 1, oneOff: false },
  lines: Buffer.concat(records),
});
const CAUGHT_UP: LogItem = { kind: 'caught-up' };

/** Engines one after the other, each with what it gives out before it ends or fails. */
async function read(...engines: (LogItem | BerthError)[][]): Promise<{ texts: string[]; asked: LogsRequest[] }> {
  const asked: LogsRequest[] = [];
  const engineOf = (items: (LogItem | BerthError)[] = []) =>
    ({
      async *logs(request: LogsRequest) {
        asked.push(request);
        for (const item of items) {
          if (item instanceof BerthError) throw item;
          yield item;
        }
      },
    }) as unknown as Engine;
  const [first, ...others] = engines;
  const reconnect = async () => engineOf(others.shift());
  const texts: string[] = [];
  const { signal } = new AbortController();
  for await (const item of resumingLogs(engineOf(first), REQUEST, { reconnect, signal })) {
    if (item.kind !== 'lines') texts.push(item.kind);
    else for (const { text } of joinParts().add(item.lines)) texts.push(`${item.source.service} ${text}`);
  }
  return { texts, asked };
}

test('the next engine is asked for what is younger than the beginning, and what was seen is left out', async () => {
  const { texts, asked } = await read(
    [lines('web', record(1, 'a')), CAUGHT_UP, lines('web', record(2, 'b'), record(2, 'c')), GONE],
    [
      lines('db', record(0, 'z')),
      lines('web', record(1, 'a'), record(2, 'b'), record(2, 'c'), record(2, 'd')),
      CAUGHT_UP,
    ],
  );

  expect(texts).toEqual(['web a', 'caught-up', 'web b', 'web c', 'db z', 'web d']);
  expect(asked[0]).toEqual(REQUEST);
  expect(asked[1]).toEqual({ ...REQUEST, tail: undefined, sinceMs: expect.any(Number) });
});

test('records of one time that came in several pieces are counted together', async () => {
  const { texts } = await read(
    [CAUGHT_UP, lines('web', record(1, 'a'), record(1, 'b')), lines('web', record(1, 'c')), GONE],
    [lines('web', record(1, 'a')), lines('web', record(1, 'b'), record(1, 'c'), record(1, 'd')), GONE],
    [lines('web', ...['a', 'b', 'c', 'd', 'e'].map((text) => record(1, text)))],
  );

  expect(texts).toEqual(['caught-up', 'web a', 'web b', 'web c', 'web d', 'web e']);
});

test('one that was killed in the past is asked the same again', async () => {
  const { texts, asked } = await read(
    [lines('web', record(1, 'a')), GONE],
    [lines('web', record(1, 'a'), record(2, 'b'))],
  );

  expect(texts).toEqual(['web a', 'web b']);
  expect(asked).toEqual([REQUEST, REQUEST]);
});

test('engines that go away again and again, and other failures, are failures', async () => {
  await expect(read(...Array.from({ length: 9 }, () => [CAUGHT_UP, GONE]))).rejects.toBe(GONE);
  await expect(read([NOT_FOUND], [])).rejects.toBe(NOT_FOUND);
});
