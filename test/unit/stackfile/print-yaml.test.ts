/** What is printed is what the yaml package would print, to the letter, and is read again as the same. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { printYaml } from '../../../src/stackfile/print-yaml.ts';

const OPTIONS = {
  lineWidth: 0,
  aliasDuplicateObjects: false,
  singleQuote: false,
  defaultStringType: 'PLAIN',
  compat: 'yaml-1.1',
} as const;

const LETTERS = [
  ...'ab1 :#-,.$"\'\n[]{}&*!|>%@`~?=\\\t_/+é',
  'yes',
  'No',
  'null',
  '0x1',
  ': ',
  ' #',
  '\n\n',
  '1:30',
  '<<',
];
const text = fc
  .array(fc.constantFrom(...LETTERS), { maxLength: 8 })
  .map((parts) => parts.join('').replace(/^---/, '-'));
const single = fc.oneof(text, text, fc.integer(), fc.double(), fc.boolean(), fc.constant(null));

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    single,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4 }),
  ),
}));

test('random values are printed as the package prints them', () => {
  fc.assert(
    fc.property(value, (one) => {
      expect(printYaml(one)).toBe(stringify(one, OPTIONS));
    }),
    { numRuns: 2000, seed: 1 },
  );
});

test('texts that other readers take for something else are in quotes', () => {
  const words = ['yes', 'NO', 'y', 'on', 'true', 'null', '~', '0', '010', '1_000', '1:30', '0x1f', '1e3', '2001-01-01'];

  expect(parse(printYaml(words), { version: '1.1' })).toEqual(words);
  expect(parse(printYaml(words), { version: '1.2' })).toEqual(words);
});

test('a long text takes no longer than its length, whatever it ends in', { timeout: 10_000 }, () => {
  const long = `${'a'.repeat(150)}\\`;

  expect(printYaml([long])).toBe(`- ${long}\n`);
});
