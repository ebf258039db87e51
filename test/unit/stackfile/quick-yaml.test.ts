/**
 * What the quick reader of YAML takes is what the complete one reads, places and warnings too.
 *
 * It may leave anything to the complete one; it may never take something that
 * has a fault, or read it in another way.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { collectFindings } from '../../../src/stackfile/findings.ts';
import { parseWholeYaml } from '../../../src/stackfile/parse-yaml.ts';
import { quickYaml } from '../../../src/stackfile/quick-yaml.ts';

const DATA = fileURLToPath(new URL('../../../../shared/data/', import.meta.url));
const EXAMPLES = fileURLToPath(new URL('../../../examples/', import.meta.url));

/** `rare`: left to the complete reader; a text: how the two differ. */
function compare(text: string): 'equal' | 'rare' {
  const [ours, theirs] = [collectFindings(), collectFindings()];
  const quick = quickYaml(text, 'f', ours);
  if (!quick) return 'rare';
  let whole: unknown;
  try {
    whole = parseWholeYaml(text, 'f', theirs);
  } catch (error) {
    whole = String(error);
  }
  expect({ tree: [quick], errors: [], warnings: ours.warnings }, text).toEqual({
    tree: whole,
    errors: theirs.errors,
    warnings: theirs.warnings,
  });
  return 'equal';
}

const TAKEN: readonly string[] = [
  'a: b',
  '# c\n\n---\n# d\na: b # e\n\nc: "d" # f\n',
  'a:\nb:   # c\n\nc:\n  - \n  - x\n  -  # y\n',
  'a:\n- b\n- c: d\n  e: f\n- - g\n  - h\nj: k',
  'a:\n    - b\n    -   c: d\n        e:\n        - f\n',
  "a: 'it''s' # x\nb: \"\\n\\t\\\\ \\\"\"\n'c d': 1\n\"e\": 2\n",
  'a: [b, "c", \'d\', [e], {f: g, "h":i, j: {}}, ]\nb: []\nc: {}\n',
  'a: [\n  b, # c\n\n  d\n  ]\nb: {\n  c: d,\n  e: [f]\n }\n',
  'a: |\n  b\n\n    c\n\n\nd: |-\n  e\nf: |+\n  g\n\nh: >\n  i\n  j\n\n  k\nl: >-\n  m\n',
  'a: &x\n  b: 1\nc: *x\nd:\n  <<: *x\n  e: &y [f]\ng: [*y, *x]\nh: &z i\nj: *z\nk: {<<: [*x], l: m}\n',
  'a: 0755\nb: 1:30\nc: yes\nd: ~\ne: null\nf: -1.5\ng: .5\nh: - \n'.replace('h: - \n', ''),
  'a: http://x:80/y#z\nb: a#b\nc: a b  c   # d\nd: -x\ne: :x\nf: ?x\ng: a:b\nh: "#"\n',
  '  a: b\n  c: d\n',
  'a: ünï "x" \'y\' 日本 🎉\n',
  'a: b\n# end',
  'a: $$x ${Y:-z}\n',
];

test.each(TAKEN)('taken, and read as the complete reader does: %j', (text) => {
  expect(compare(text)).toBe('equal');
});

const LEFT: readonly string[] = [
  '',
  '# nothing\n',
  'a: b\n---\nc: d\n',
  '%YAML 1.2\n---\na: b\n',
  'a: !reset b\n',
  'a: b\n c\n',
  'a: b: c\n',
  'a: "b\n  c"\n',
  'a: b\na: c\n',
  '1: b\n',
  'a: [b\n',
  'a: [b,, c]\n',
  'a: {b}\n',
  'a: [b: c]\n',
  'a: b\n  c: d\n',
  'a:\n    b: c\n  d: e\n',
  'a: *x\n',
  'a: &x [*x]\n',
  '? a\n: b\n',
  'a: |2\n   b\n',
  'a:\tb\n',
  'a: b\r\n',
  '- a\n- b\n',
  'a\n',
  'a: @b\n',
  'a: "b" c\n',
  'a: "b"#c\n',
  'a: - b\n',
  'a: "\\x41"\n',
  'a: >\n  b\n    c\n',
  'a:\n- b\n c: d\n',
];

test.each(LEFT)('left to the complete reader: %j', (text) => {
  expect(compare(text)).toBe('rare');
});

const PIECES = [
  'a',
  'b: c',
  ': ',
  '- ',
  '\n',
  '\n  ',
  '\n    ',
  ' ',
  '#',
  '"',
  "'",
  '[',
  ']',
  '{',
  '}',
  ',',
  '&x',
  '*x',
];
const MORE = [
  '<<: *x',
  '|',
  '>',
  '|-',
  '>+',
  '!t',
  '---',
  'x: |\n  ',
  '\n\n',
  '0755',
  '1:30',
  '~',
  ' # c',
  'é',
  '?',
  '%',
];

test('random texts of all that YAML is made of', () => {
  const text = fc.array(fc.constantFrom(...PIECES, ...MORE), { maxLength: 14 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, (inner) => void [compare(inner), compare(`k: ${inner}\n`), compare(`k:\n  - ${inner}\nz: 1\n`)]),
    { numRuns: 3000, seed: 1 },
  );
});

function filesBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.ya?ml$/.test(name))
    .map((name) => join(folder, name));
}

const REAL = [...filesBelow(EXAMPLES), ...filesBelow(join(DATA, 'corpus'))].map((file) => readFileSync(file, 'utf8'));

test('real stack files, of which the quick reader takes most', () => {
  const taken = REAL.filter((text) => compare(text) === 'equal').length;

  expect(taken / REAL.length).toBeGreaterThan(0.75);
});

test('real stack files with a piece of text changed', () => {
  const edit = fc.record({
    text: fc.constantFrom(...REAL),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.nat(6),
    put: fc.constantFrom('', ...PIECES, ...MORE),
  });
  fc.assert(
    fc.property(edit, ({ text, at, cut, put }) => {
      const from = Math.floor(at * text.length);
      compare(text.slice(Math.max(0, from - 1500), from) + put + text.slice(from + cut, from + 1500));
    }),
    { numRuns: 1500, seed: 1 },
  );
});
