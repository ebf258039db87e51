/** The log of a container: form of a record, long lines, rotation. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LogSpec } from '../../../src/runtime/spec.ts';
import { eventually } from './eventually.ts';
import { type RuntimeWorld, runtimeWorld } from './runtime-world.ts';

let world: RuntimeWorld;

beforeAll(async () => {
  world = await runtimeWorld('log');
});
afterAll(() => world.close());

/** The records of a script's run, and the folder of the log files. */
async function logged(script: string, limits: Partial<LogSpec> = {}) {
  const spec = world.spec(['sh', '-c', script]);
  const log = { ...spec.log!, ...limits };
  const container = await world.runtime.start({ ...spec, log });
  await container.exited;
  return { records: world.logOf(spec.id), folder: join(log.path, '..') };
}

const logFiles = (folder: string) =>
  readdirSync(folder)
    .filter((name) => /^log(\.\d+)?$/.test(name))
    .sort();

test('a record has a time of nine digits, the stream, the flag and the text', async () => {
  const { folder } = await logged('echo out');

  const text = readFileSync(join(folder, 'log'), 'utf8');

  expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z stdout F out\n$/);
});

test('times are those of the clock, and never go back', async () => {
  const before = new Date().toISOString();

  const { records } = await logged('for i in $(seq 100); do echo $i; done');

  const times = records.map((record) => record.time);
  expect(times).toEqual([...times].sort());
  expect(times[0]! >= before.slice(0, 19)).toBe(true);
  expect(times.at(-1)! <= new Date().toISOString().replace('Z', '999999Z')).toBe(true);
});

test('both streams are told apart', async () => {
  const { records } = await logged('echo out; echo err >&2');

  expect(records.map(({ stream, text }) => `${stream} ${text}`).sort()).toEqual(['stderr err', 'stdout out']);
});

test('a line without a newline at the end is kept as a whole line', async () => {
  const { records } = await logged('echo first; printf last');

  expect(records.map(({ flag, text }) => [flag, text])).toEqual([
    ['F', 'first'],
    ['F', 'last'],
  ]);
});

test('empty lines and blanks are kept', async () => {
  const { records } = await logged("printf '\\n  two  \\n\\n\\tx\\r\\n'");

  expect(records.map((record) => record.text)).toEqual(['', '  two  ', '', '\tx\r']);
});

test('a line of 100 KiB becomes parts of 16 KiB that join to the line', async () => {
  const { records } = await logged("head -c 102400 /dev/zero | tr '\\0' x; echo; echo next");

  expect(records.map((record) => `${record.flag} ${record.text.length}`)).toEqual([
    ...Array.from({ length: 6 }, () => 'P 16384'),
    'F 4096',
    'F 4',
  ]);
});

test('a line of exactly 16 KiB is whole', async () => {
  const { records } = await logged(
    "head -c 16384 /dev/zero | tr '\\0' x; echo; head -c 16385 /dev/zero | tr '\\0' y; echo",
  );

  expect(records.map((record) => `${record.flag} ${record.text.length}`)).toEqual(['F 16384', 'P 16384', 'F 1']);
});

test('a line that is written in pieces is one record', async () => {
  const { records } = await logged('printf one; printf two >&2; printf ,two; echo');

  expect(records.filter((record) => record.stream === 'stdout').map((record) => record.text)).toEqual(['one,two']);
});

test('output that comes just before the end is not lost', async () => {
  const { records } = await logged('(echo late; kill -9 $$)');

  expect(records.map((record) => record.text)).toEqual(['late']);
});

test('200,000 lines over many files lose no line and keep their order', async () => {
  const { records, folder } = await logged('exec seq 200000', { maxBytes: 1 << 20, maxFiles: 30 });

  const files = logFiles(folder);
  expect(files.length).toBeGreaterThan(8);
  expect(files.filter((name) => statSync(join(folder, name)).size > 1 << 20)).toEqual([]);
  expect(records.length).toBe(200_000);
  expect(records.findIndex((record, index) => record.text !== String(index + 1))).toBe(-1);
});

test('no more files are kept than asked for, the newest lines without a gap', async () => {
  const { records, folder } = await logged('exec seq 50000', { maxBytes: 64 << 10, maxFiles: 3 });

  expect(logFiles(folder)).toEqual(['log', 'log.1', 'log.2']);
  expect(records.at(-1)!.text).toBe('50000');
  const first = Number(records[0]!.text);
  expect(records.findIndex((record, index) => record.text !== String(first + index))).toBe(-1);
});

test('with one file to keep the log starts anew when it is full', async () => {
  const { records, folder } = await logged('exec seq 50000', { maxBytes: 64 << 10, maxFiles: 1 });

  expect(logFiles(folder)).toEqual(['log']);
  expect(records.at(-1)!.text).toBe('50000');
});

test('a start on the same log goes on behind what is there', async () => {
  const first = world.spec(['echo', 'one']);
  const second = { ...world.spec(['echo', 'two']), log: first.log };
  await (await world.runtime.start(first)).exited;

  await (await world.runtime.start(second)).exited;

  expect(world.logOf(first.id).map((record) => record.text)).toEqual(['one', 'two']);
});

test('on a full disk nothing is lost: what does not fit is written when there is room', async () => {
  const disk = join(world.base, 'full');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'full', disk]);
  const path = join(disk, 'log');
  const spec = world.spec(['sh', '-c', 'seq 5000; while [ ! -e /go ]; do usleep 1000; done; echo end']);
  const container = await world.runtime.start({
    ...spec,
    log: { path, maxBytes: 0, maxFiles: 1, bufferBytes: 1 << 20 },
  });
  await eventually(() => statfsSync(disk).bfree === 0);

  execFileSync('mount', ['-o', 'remount,size=4m', disk]);
  writeFileSync(`/proc/${container.pid}/root/go`, '');
  await container.exited;
  const expected = [...Array.from({ length: 5000 }, (_, index) => String(index + 1)), 'end'];
  const lines = await eventually(() => {
    const texts = readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.slice(40));
    return texts.at(-1) === 'end' && texts;
  });
  execFileSync('umount', [disk]);

  expect(lines).toEqual(expected);
});

test('past its buffer a full disk costs lines, never the program, and a mark counts them', async () => {
  const disk = join(world.base, 'overfull');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'overfull', disk]);
  const path = join(disk, 'log');
  const spec = world.spec(['sh', '-c', 'seq 100000; touch /said; while [ ! -e /go ]; do usleep 1000; done; echo end']);
  const log = { path, maxBytes: 0, maxFiles: 1, bufferBytes: 64 << 10 };
  const container = await world.runtime.start({ ...spec, log });
  const root = `/proc/${container.pid}/root`;
  await eventually(() => existsSync(`${root}/said`));

  execFileSync('mount', ['-o', 'remount,size=16m', disk]);
  writeFileSync(`${root}/go`, '');
  await container.exited;
  const lines = await eventually(() => {
    const texts = readFileSync(path, 'utf8').trimEnd().split('\n');
    return texts.at(-1)?.endsWith(' end') && texts;
  });
  execFileSync('umount', [disk]);

  const marks = lines.flatMap(
    (line) => /\[berth: (\d+) log lines lost \((\d+) bytes\): the disk was full\]$/.exec(line) ?? [],
  );
  const kept = lines.filter((line) => /^\S+ stdout F \d+$/.test(line)).length;
  expect(marks.length).toBe(3);
  expect(Number(marks[1]) + kept).toBe(100_000);
  /* Nothing but whole records. */
  expect(lines.length).toBe(kept + 2);
});

test('a log that is cut or removed underneath is written on, and half a record stays alone', async () => {
  const script = 'for i in 1 2 3; do while [ ! -e /go$i ]; do usleep 1000; done; echo line $i; done';
  const spec = world.spec(['sh', '-c', script]);
  const folder = join(world.base, 'removed');
  const path = join(folder, 'log');
  mkdirSync(folder);
  writeFileSync(path, '2026-01-01T00:00:00.000000000Z stdout F half a rec');
  const container = await world.runtime.start({ ...spec, log: { ...spec.log!, path } });
  const go = (step: number) => writeFileSync(`/proc/${container.pid}/root/go${step}`, '');
  const text = () => (existsSync(path) ? readFileSync(path, 'utf8') : '');

  go(1);
  await eventually(() => text().endsWith(' line 1\n'));
  const mended = text().split('\n')[0];
  truncateSync(path, 0);
  go(2);
  await eventually(() => /^\S+ stdout F line 2\n$/.test(text()));
  rmSync(folder, { recursive: true });
  go(3);
  await container.exited;

  expect(mended).toBe('2026-01-01T00:00:00.000000000Z stdout F half a rec');
  expect(text()).toMatch(/^\S+ stdout F line 3\n$/);
});

test('without a log the program runs all the same', async () => {
  const { exit } = await runWithoutLog('seq 100000');

  expect(exit.code).toBe(0);
});

async function runWithoutLog(script: string) {
  const container = await world.runtime.start({ ...world.spec(['sh', '-c', script]), log: null });
  return { exit: await container.exited };
}
