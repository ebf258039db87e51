import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ERROR_CODES, exitCodeOf } from '../../../src/base/errors.ts';

type Row = { readonly code: string; readonly exit: number; readonly cause: string; readonly remedy: string };

test('docs/errors.md has every code once, in the order of the alphabet', () => {
  const documented = readRows().map((row) => row.code);

  expect(documented).toEqual([...ERROR_CODES].sort());
});

test('docs/errors.md gives the exit code of each code', () => {
  const documented = Object.fromEntries(readRows().map((row) => [row.code, row.exit]));

  expect(documented).toEqual(Object.fromEntries(ERROR_CODES.map((code) => [code, exitCodeOf(code)])));
});

test('docs/errors.md gives each code a cause and a remedy', () => {
  const incomplete = readRows().filter((row) => row.cause === '' || row.remedy === '');

  expect(incomplete).toEqual([]);
});

function readRows(): Row[] {
  const text = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
  return [...text.matchAll(/^\| `([A-Z_]+)` \| (\d+) \| (.*?) \| (.*?) \|$/gm)].map(
    ([, code = '', exit, cause = '', remedy = '']) => ({ code, exit: Number(exit), cause, remedy }),
  );
}
