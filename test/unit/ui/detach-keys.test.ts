/** The keys that let go of a program. */
import { expect, test } from 'vitest';
import { detachFilter, parseDetachKeys } from '../../../src/ui/detach-keys.ts';

const type = (keys: string, ...chunks: string[]) => {
  const filter = detachFilter(parseDetachKeys(keys));
  return chunks.map((chunk) => {
    const { pass, detach } = filter(Buffer.from(chunk, 'latin1'));
    return `${pass.toString('latin1')}${detach ? '|' : ''}`;
  });
};

test('the sequence lets go, in one piece or key by key, and is not handed on', () => {
  expect(type('ctrl-p,ctrl-q', 'ls\x10\x11')).toEqual(['ls|']);
  expect(type('ctrl-p,ctrl-q', 'a\x10', '\x11')).toEqual(['a', '|']);
});

test('a beginning that goes on otherwise is handed on whole', () => {
  expect(type('ctrl-p,ctrl-q', '\x10', 'x')).toEqual(['', '\x10x']);
  expect(type('ctrl-p,ctrl-q', '\x10', '\x10', '\x11')).toEqual(['', '\x10', '|']);
  expect(type('a,a,b', 'aaab')).toEqual(['a|']);
});

test('a word that is no key is told', () => {
  expect(() => parseDetachKeys('ctrl-p,strg-q')).toThrow('"strg-q" is no key');
  expect(parseDetachKeys('ctrl-@,x')).toEqual([0, 120]);
});
