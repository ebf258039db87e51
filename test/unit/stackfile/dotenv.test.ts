import { expect, test } from 'vitest';
import { parseDotenv } from '../../../src/stackfile/dotenv.ts';

function variablesOf(text: string, outer: Record<string, string> = {}) {
  return { ...parseDotenv(text, outer).variables };
}

test('keys, comments, export, blanks and both separators', () => {
  const text = '# c\n\nA=1\nexport B = two words # c\nC: 3\nD=x#y\nE=\n';

  expect(variablesOf(text)).toEqual({ A: '1', B: 'two words', C: '3', D: 'x#y', E: '' });
});

test('single quotes keep what is in them, double quotes know escapes and variables', () => {
  const text = `A='$B \\n it\\'s'\nB="\${A2:-d}\\t\\"q\\"\\044A"\nC='two\nlines' # c\n`;

  expect(variablesOf(text)).toEqual({ A: "$B \\n it's", B: 'd\t"q"$A', C: 'two\nlines' });
});

test('earlier lines and the caller are looked up, the caller first', () => {
  expect(variablesOf('A=file\nB=$A\nC=${D}', { A: 'caller', D: 'd' })).toEqual({ A: 'file', B: 'caller', C: 'd' });
});

test('a key alone takes the value of the caller, or is left out', () => {
  expect(variablesOf('A\nB\n', { A: 'caller' })).toEqual({ A: 'caller' });
});

test('a mark of byte order and CRLF do no harm', () => {
  expect(variablesOf('\uFEFFA=1\r\nB=2\r\n')).toEqual({ A: '1', B: '2' });
});

test('faults are told with their lines, and the rest is read', () => {
  const { variables, faults } = parseDotenv('A=1\n=x\nlol$wut\nB="open\nC=3\n', {});

  expect({ ...variables }).toEqual({ A: '1', C: '3' });
  expect(faults).toMatchInlineSnapshot(`
    [
      {
        "line": 2,
        "message": ""=x" is no KEY=VALUE",
      },
      {
        "line": 3,
        "message": ""lol$wut" is no KEY=VALUE",
      },
      {
        "line": 4,
        "message": "the quote of B is not closed",
      },
    ]
  `);
});
