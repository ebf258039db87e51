/** Every form of the specification's short syntax is read as what it was written for. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseShortPort, type ShortPort } from '../../../src/stackfile/short-port.ts';

const port = fc.integer({ min: 1, max: 65_000 });
const address = fc.oneof(fc.ipV4(), fc.ipV6());
const protocol = fc.constantFrom('tcp', 'udp', 'sctp');
const written = fc.record({
  hostIp: fc.option(address, { nil: undefined }),
  published: fc.option(port, { nil: undefined }),
  target: port,
  length: fc.integer({ min: 1, max: 20 }),
  protocol: fc.option(protocol, { nil: undefined }),
});

const rangeText = (first: number, length: number) => (length === 1 ? `${first}` : `${first}-${first + length - 1}`);
const bracketed = (ip: string) => (ip.includes(':') ? `[${ip}]` : ip);

test('a range of targets is a mapping each, with the host ports in the same order', () => {
  fc.assert(
    fc.property(written, ({ hostIp, published, target, length, protocol: said }) => {
      const host = published === undefined ? '' : rangeText(published, length);
      const head = hostIp === undefined ? (host === '' ? '' : `${host}:`) : `${bracketed(hostIp)}:${host}:`;
      const text = `${head}${rangeText(target, length)}${said ? `/${said}` : ''}`;

      const expected: ShortPort[] = Array.from({ length }, (_, i) => ({
        ...(hostIp === undefined ? {} : { hostIp }),
        protocol: said ?? 'tcp',
        target: target + i,
        ...(published === undefined ? {} : { published: String(published + i) }),
      }));
      expect(parseShortPort(text)).toEqual(expected);
    }),
  );
});

test('a range of host ports for one target stays a range', () => {
  fc.assert(
    fc.property(port, fc.integer({ min: 2, max: 500 }), port, (first, length, target) => {
      expect(parseShortPort(`${rangeText(first, length)}:${target}`)).toEqual([
        { protocol: 'tcp', target, published: rangeText(first, length) },
      ]);
    }),
  );
});

test('ranges of two lengths, ports that are none and any other text are refused with a reason, never thrown', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const parsed = parseShortPort(text);
      return typeof parsed === 'string' ? parsed !== '' : parsed.every(({ target }) => target <= 65_535);
    }),
  );
  expect(parseShortPort('8000-8002:80-81')).toBe('has two ranges that differ in length');
  expect(parseShortPort('65536:80')).toBe('has no valid port');
});
