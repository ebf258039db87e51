import { expect, test } from 'vitest';
import { faultsOf, loadService, webWith } from './stack-files.ts';

const MIB = 1024 * 1024;

test('logging without a word is 10 MiB in 3 files, and so is json-file alone', async () => {
  expect((await loadService('init: true')).logging).toBeUndefined();
  expect((await loadService('logging: {driver: json-file}')).logging).toBeUndefined();
});

test.each([
  ['{options: {max-size: 1m, max-file: 7}}', { driver: 'json-file', maxBytes: MIB, maxFiles: 7, bufferBytes: MIB }],
  ['{options: {max-size: "-1"}}', { driver: 'json-file', maxBytes: 0, maxFiles: 3, bufferBytes: MIB }],
  ['{driver: local}', { driver: 'local', maxBytes: 20 * MIB, maxFiles: 5, bufferBytes: MIB }],
  ['{driver: none}', { driver: 'none', maxBytes: 10 * MIB, maxFiles: 3, bufferBytes: MIB }],
  [
    '{options: {mode: non-blocking, max-buffer-size: 4m}}',
    { driver: 'json-file', maxBytes: 10 * MIB, maxFiles: 3, bufferBytes: 4 * MIB },
  ],
])('logging: %s', async (written, expected) => {
  expect((await loadService(`logging: ${written}`)).logging).toEqual(expected);
});

test.each([
  ['{driver: syslog}', 'services.web.logging.driver: syslog is not supported by berth'],
  ['{options: {max-sizes: 1m}}', 'logging driver json-file has no option max-sizes'],
  ['{options: {max-size: much}}', '"much" is no size of a log'],
  ['{options: {max-size: 0}}', '"0" is no size of a log'],
  ['{options: {max-file: 0}}', '"0" is no number of files'],
  ['{options: {mode: fast}}', '"fast" is no mode of a log'],
  ['{options: {max-buffer-size: 1m}}', 'max-buffer-size goes with mode: non-blocking'],
  ['{driver: none, options: {max-size: 1m}}', 'logging driver none has no option max-size'],
])('logging: %s is refused at its place', async (written, message) => {
  const faults = await faultsOf(webWith(`logging: ${written}`));

  expect(faults).toContain(message);
});

test('x-berth.logs.keep of a service goes over that of the file', async () => {
  const { logKeep } = await loadService('x-berth: {logs: {keep: {count: 2, age: 1h}}}');

  expect(logKeep).toEqual({ count: 2, bytes: 100 * MIB, ageMs: 3_600_000 });
  expect(await faultsOf(webWith('x-berth: {logs: {keep: {age: -1h}}}'))).toContain('less than no time');
});
