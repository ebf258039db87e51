import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isPlainUp, upKey } from '../../../src/api/up-key.ts';

test.each([
  [['-d'], true],
  [['--detach', '-f', 'a.yaml', '-p', 'shop', 'web'], true],
  [['-d', '--remove-orphans'], true],
  [[], false],
  [['web'], false],
  [['-d', '--build'], false],
  [['-d', '--json'], false],
  [['-f', '-d'], false],
])('%j may be known to the engine: %s', (argv, plain) => {
  expect(isPlainUp(argv)).toBe(plain);
});

test('the key is of folder, words and variables', () => {
  const key = upKey(['-d'], { A: '1', B: '2' }, '/srv');

  expect(upKey(['-d'], { B: '2', A: '1' }, '/srv')).toBe(key);
  for (const other of [
    upKey(['-d', 'web'], { A: '1', B: '2' }, '/srv'),
    upKey(['-d'], { A: '1', B: '3' }, '/srv'),
    upKey(['-d'], { A: '1', B: '2' }, '/srv/b'),
  ])
    expect(other).not.toBe(key);
});

/* A file that is read past the record would be taken for unchanged for ever. */
test('stack files are read through one file alone', () => {
  const room = new URL('../../../src/stackfile/', import.meta.url).pathname;
  const direct = readdirSync(room, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && /from 'node:fs(\/promises)?'/.test(readFileSync(join(room, name), 'utf8')),
  );

  expect(direct).toEqual(['input-files.ts']);
});
