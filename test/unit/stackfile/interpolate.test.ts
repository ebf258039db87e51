import fc from 'fast-check';
import { expect, test } from 'vitest';
import { interpolate } from '../../../src/stackfile/interpolate.ts';

const SET = { A: 'one', EMPTY: '' };

function textOf(text: string, variables: Record<string, string> = SET): string {
  const result = interpolate(text, variables);
  return result.kind === 'text' ? result.text : `error: ${result.message}`;
}

test.each([
  ['$A ${A}', 'one one'],
  ['$A-x ${A}x $Ax', 'one-x onex '],
  ['${NONE-d} ${NONE:-d} ${EMPTY-d} ${EMPTY:-d}', 'd d  d'],
  ['${A+r} ${NONE+r} ${EMPTY+r} ${EMPTY:+r}', 'r  r '],
  ['${NONE:-${A:-x}y}', 'oney'],
  ['$$A $${A}', '$A ${A}'],
])('%s is %s', (text, expected) => {
  expect(textOf(text)).toBe(expected);
});

/* Compose leaves it to the shell; refusing it made real files fail. */
test.each(['$(date)', '5 $ a day', '$', '$1', 'a$'])('a dollar before no name stays: %s', (text) => {
  expect(textOf(text)).toBe(text);
});

/* Only `${` was counted: the first `}` of the default closed the variable. */
test('braces of a default are paired', () => {
  expect(textOf('x ${NONE-{"a":{"b":1}}} y')).toBe('x {"a":{"b":1}} y');
});

test('a default may hold a brace that nothing closes', () => {
  expect(textOf('${NONE:-{} ')).toBe('{ ');
});

test.each(['${', '${}', '${ A}', '${A!}', '${A', '${1}'])('%s is an error', (text) => {
  expect(interpolate(text, SET).kind).toBe('error');
});

test('a variable that must be set says why, with its own variables replaced', () => {
  expect(textOf('${NONE:?needed for $A}')).toBe('error: the variable NONE must be set: needed for one');
});

test('variables that are not set are named, those with a default are not', () => {
  const result = interpolate('$X ${Y:-d} $EMPTY', SET);

  expect(result).toEqual({ kind: 'text', text: ' d ', unset: ['X'] });
});

test('names of Object.prototype are no variables', () => {
  expect(textOf('${constructor:-none}')).toBe('none');
});

const pieces = fc.constantFrom('$', '{', '}', 'A', 'B', ':-', '?', '+', '$$', '${A}', '${B:-', ' ', '\n', '"');

test('any text either becomes text or is an error; nothing is thrown', () => {
  const texts = fc.oneof(
    fc.string(),
    fc.array(pieces).map((parts) => parts.join('')),
  );

  fc.assert(
    fc.property(texts, (text) => {
      expect(['text', 'error']).toContain(interpolate(text, SET).kind);
    }),
  );
});

test('values are never expanded again', () => {
  const values = fc.array(pieces).map((parts) => parts.join(''));

  fc.assert(
    fc.property(values, (value) => {
      fc.pre(value !== '');

      expect(textOf('<${V}|$V|${V:-d}|${NONE:-$V}>', { V: value })).toBe(`<${value}|${value}|${value}|${value}>`);
    }),
  );
});
