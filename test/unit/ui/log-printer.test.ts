import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LogBatch, LogSource } from '../../../src/engine/engine.ts';
import { logPrefixes } from '../../../src/ui/log-prefix.ts';
import { EVERY_LINE, type LogFormat, logPrinter, TEXT_SHAPE } from '../../../src/ui/log-printer.ts';
import { record, records } from '../logs/log-records.ts';

const FORMAT: LogFormat = { timestamps: false, prefix: true, color: true, follow: false, shape: TEXT_SHAPE };
const TERMINAL = { isTTY: true };
const PIPE = {};

const saved = { ...process.env };
beforeEach(() => {
  for (const name of ['NO_COLOR', 'FORCE_COLOR', 'COMPOSE_ANSI']) delete process.env[name];
  process.env.TERM = 'xterm';
});
afterEach(() => {
  process.env = { ...saved };
});

const source = (service: string, replica = 1): LogSource => ({
  container: `s-${service}-${replica}`,
  service,
  replica,
});
const batch = (service: string, lines: Buffer): LogBatch => ({ kind: 'lines', source: source(service), lines });
const sources = (...services: string[]) =>
  ({ kind: 'sources', sources: services.map((name) => source(name)), services }) as const;

/** What all of it comes to, byte by byte, with `␛` for the escape. */
function printed(
  format: Partial<LogFormat>,
  out: { isTTY?: boolean },
  items: Parameters<Printer['take']>[0][],
): string {
  const printer = logPrinter({ ...FORMAT, ...format }, out);
  const text = Buffer.concat([...items.map((item) => printer.take(item)), printer.end()]).toString('latin1');
  return text.replaceAll('\x1b', '␛');
}
type Printer = ReturnType<typeof logPrinter>;

test('lines stand behind the name of who wrote them, names in one width', () => {
  const items = [sources('web', 'database'), batch('web', records(['a', '', 'b'])), batch('database', records(['c']))];

  expect(printed({}, PIPE, items)).toBe('web-1      | a\nweb-1      | \nweb-1      | b\ndatabase-1 | c\n');
  expect(printed({ prefix: false, timestamps: true }, PIPE, items.slice(1, 2))).toBe(
    ['00', '01', '02'].map((s, at) => `2026-01-01T00:00:${s}.000000000Z ${['a', '', 'b'][at]}\n`).join(''),
  );
});

test('a longer name that comes later moves the following lines', () => {
  const items = [batch('web', records(['a'])), batch('database', records(['b'])), batch('web', records(['c']))];

  expect(printed({}, PIPE, items)).toBe('web-1 | a\ndatabase-1 | b\nweb-1      | c\n');
});

test('into a pipe go the bytes as they were written', () => {
  const bytes = Buffer.from('\x1b[2J\x1b[31mred\xff\r', 'latin1');

  expect(printed({ prefix: false }, PIPE, [batch('web', record(0, bytes))])).toBe('␛[2J␛[31mred\xff\r\n');
});

test('on a terminal only colours steer it, and none of them outlives its line', () => {
  const lines = Buffer.concat([record(0, '\x1b[31mred \x1b[2J'), record(1, 'next')]);

  expect(printed({ prefix: false }, TERMINAL, [batch('web', lines)])).toBe('␛[31mred ^[[2J␛[0m\nnext\n');
});

test.each([
  ['NO_COLOR on a terminal', { NO_COLOR: '1' }, TERMINAL, 'web-1 | red\n'],
  ['--ansi never on a terminal', { COMPOSE_ANSI: 'never' }, TERMINAL, 'web-1 | red\n'],
  ['--ansi never in a pipe', { COMPOSE_ANSI: 'never' }, PIPE, 'web-1 | red\n'],
  ['NO_COLOR in a pipe', { NO_COLOR: '1' }, PIPE, 'web-1 | ␛[31mred\n'],
  ['FORCE_COLOR in a pipe', { FORCE_COLOR: '1' }, PIPE, /^␛\[\d+mweb-1 \| ␛\[0m␛\[31mred␛\[0m\n$/],
  ['--ansi always in a pipe', { COMPOSE_ANSI: 'always' }, PIPE, /^␛\[\d+mweb-1 \| ␛\[0m␛\[31mred␛\[0m\n$/],
])('colours with %s', (_, env, out, text) => {
  Object.assign(process.env, env);

  expect(printed({}, out, [batch('web', record(0, '\x1b[31mred'))])).toMatch(text);
});

test('a service has its colour by its name, whatever the others; as many differ as there are colours', () => {
  const names = ['web', 'db', 'cache', 'worker', 'mail', 'search', 'proxy', 'queue', 'auth', 'cron'];
  const colorIn = (services: readonly string[], name: string) => {
    const prefixes = logPrefixes({ colors: true });
    prefixes.learn([], services);
    return /\[(\d+)m/.exec(prefixes.of(source(name)).toString())?.[1];
  };

  expect(new Set(names.map((name) => colorIn(names, name))).size).toBe(names.length);
  expect(colorIn(['web', 'db'], 'web')).toBe(colorIn(['db', 'web', 'mail'], 'web'));
  expect(colorIn([], 'web')).toBe(colorIn(['web'], 'web'));
});

test('a prompt is shown as it comes, and is completed in place', () => {
  const printer = logPrinter({ ...FORMAT, color: false, follow: true }, TERMINAL);
  const take = (lines: Buffer, service = 'web') => printer.take(batch(service, lines)).toString();

  expect(take(record(1, 'Password: ', { flag: 'P' }))).toBe('web-1 | Password: ');
  expect(take(record(2, '*', { flag: 'P' }))).toBe('*');
  expect(take(record(3, ''))).toBe('\n');
  expect(take(record(4, 'Name: ', { flag: 'P' }))).toBe('web-1 | Name: ');
  expect(take(record(5, 'other'), 'db')).toBe('\ndb-1  | other\n');
  expect(take(record(6, 'me'))).toBe('web-1 | me\n');
  expect(take(record(7, 'half', { flag: 'P' }))).toBe('web-1 | half');
  expect(printer.end().toString()).toBe('\n');
});

test('a character that two parts share is shown once it is whole', () => {
  const printer = logPrinter({ ...FORMAT, prefix: false, follow: true }, TERMINAL);
  const [first, second] = [Buffer.from('a🚢').subarray(0, 3), Buffer.from('a🚢').subarray(3)];

  expect(printer.take(batch('web', record(1, first, { flag: 'P' }))).toString()).toBe('a');
  expect(printer.take(batch('web', record(2, second, { flag: 'P' }))).toString()).toBe('🚢');
  printer.take(batch('web', record(2, Buffer.from([0xe2]), { flag: 'P' })));
  expect(printer.end().toString()).toBe('\\xe2\n');
});

test('in a pipe a line is written when it is whole, and what is left of one at the end', () => {
  const items = [
    batch('web', record(1, 'one ', { flag: 'P' })),
    batch('db', record(2, 'other')),
    batch('web', record(3, 'line')),
    batch('web', record(4, 'half', { flag: 'P' })),
  ];

  expect(printed({}, PIPE, items)).toBe('db-1  | other\nweb-1 | one line\nweb-1 | half\n');
});

test('JSON has an object for each line, with its level and fields', () => {
  const lines = Buffer.concat([
    record(0, '{"level":"warn","msg":"m","a":{"b":1}}'),
    record(1, Buffer.from([0x66, 0xff]), { stream: 'stderr' }),
    record(2, 'half', { flag: 'P' }),
  ]);
  const common = { stack: 's', service: 'web', container: 's-web-1', replica: 1 };
  const shape = { kind: 'json', stack: 's' } as const;
  const objects = printed({ shape, follow: true }, TERMINAL, [batch('web', lines)])
    .trimEnd()
    .split('\n');

  expect(objects.map((text) => JSON.parse(text))).toEqual([
    {
      ...common,
      time: '2026-01-01T00:00:00.000000000Z',
      stream: 'stdout',
      line: '{"level":"warn","msg":"m","a":{"b":1}}',
      partial: false,
      level: 'warn',
      fields: { level: 'warn', msg: 'm', a: { b: 1 } },
    },
    {
      ...common,
      time: '2026-01-01T00:00:01.000000000Z',
      stream: 'stderr',
      line: Buffer.from('f\ufffd').toString('latin1'),
      base64: 'Zv8=',
      partial: false,
      level: 'warn',
      fields: null,
    },
    {
      ...common,
      time: '2026-01-01T00:00:02.000000000Z',
      stream: 'stdout',
      line: 'half',
      partial: true,
      level: 'warn',
      fields: null,
    },
  ]);
  expect(
    JSON.parse(printed({ shape: { ...shape, paths: ['a.b'] } }, PIPE, [batch('web', lines)]).split('\n')[0]!).fields,
  ).toEqual({ 'a.b': 1 });
});

test('chosen fields take the place of a JSON line, other lines stay', () => {
  const lines = records(['{"level":"warn","msg":"two words"}', 'text', '{"x":1}']);
  const shape = { kind: 'fields', paths: ['level', 'msg'] } as const;

  expect(printed({ shape, prefix: false }, PIPE, [batch('web', lines)])).toBe(
    'level=warn msg="two words"\ntext\n{"x":1}\n',
  );
});

test('found lines are separated as grep does it', () => {
  const filter = { ...EVERY_LINE, patterns: [/x/], after: 1 };

  expect(printed({ filter }, PIPE, [batch('web', records(['x1', '2', '3', 'x4']))])).toBe(
    'web-1 | x1\nweb-1 | 2\nweb-1 | --\nweb-1 | x4\n',
  );
});
