/** The tables of other implementations, read in place; said when they are not there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BerthError } from '../../../src/base/errors.ts';
import { compilePatterns, matchesPath, matchesWithParents } from '../../../src/base/ignore-patterns.ts';
import { expandWord, expandWords } from '../../../src/build/dockerfile/expand.ts';
import { parseDockerfile } from '../../../src/build/dockerfile/parse-dockerfile.ts';
import { dump } from './dump.ts';

const DATA = new URL('../../../../shared/data/dockerfile/', import.meta.url).pathname;
const isThere = existsSync(DATA);
const skip = isThere ? '' : ' (skipped: ../shared is not here)';

const ENVIRONMENT: Readonly<Record<string, string>> = {
  PWD: '/home',
  SHELL: 'bash',
  KOREAN: '한국어',
  NULL: '',
  space: 'abc  def',
  leading: '  ab c',
  trailing: 'ab c   ',
};
const expansion = { escapeSign: '\\', lookUp: (name: string) => ENVIRONMENT[name] };

test.runIf(isThere)(`every Dockerfile of the parser's table is read as expected${skip}`, () => {
  const names = readdirSync(join(DATA, 'testfiles'));
  const read = (name: string, file: string) => readFileSync(join(DATA, 'testfiles', name, file), 'utf8');

  const wrong = names.filter(
    (name) => dump(parseDockerfile(read(name, 'Dockerfile'), name)) !== read(name, 'result').trimEnd(),
  );

  expect(wrong).toEqual([]);
  expect(names.length).toBeGreaterThan(20);
});

test.runIf(isThere)(`every Dockerfile that must be refused is refused${skip}`, () => {
  const names = readdirSync(join(DATA, 'testfiles-negative'));

  const taken = names.filter((name) => {
    const text = readFileSync(join(DATA, 'testfiles-negative', name, 'Dockerfile'), 'utf8');
    return !isRefused(() => parseDockerfile(text, name));
  });

  expect(taken).toEqual([]);
  expect(names.length).toBeGreaterThan(2);
});

test.runIf(isThere)(`every row of the table of variables gives its word${skip}`, () => {
  const rows = linesOf('envVarTest').map((line) => line.split('|').map((cell) => cell.trim()));
  const ours = rows.filter(([platform]) => platform !== 'W');

  const wrong = ours.filter(([, input = '', expected]) => {
    if (expected === 'error') return !isRefused(() => expandWord(input, expansion));
    return expandWord(input, expansion) !== expected;
  });

  expect(wrong).toEqual([]);
  expect(ours.length).toBeGreaterThan(100);
});

test.runIf(isThere)(`every row of the table of words is cut as expected${skip}`, () => {
  const rows = linesOf('wordsTest').map((line) => line.split(' | '));

  const wrong = rows.filter(([input = '', expected]) => expandWords(input, expansion).join(',') !== expected);

  expect(wrong).toEqual([]);
  expect(rows.length).toBeGreaterThan(8);
});

test.runIf(isThere)(`every row of the table of ignore patterns is answered as expected${skip}`, () => {
  const rows = linesOf('dockerignore.jsonl').map((line) => JSON.parse(line) as IgnoreRow);

  const wrong = rows.filter(({ patterns, file, fn, match, error }) => {
    const matches = fn === 'pm.MatchesOrParentMatches' ? matchesWithParents : matchesPath;
    const answer = () => (fn === 'Matches' && file === '.' ? false : matches(compilePatterns(patterns), file));
    return error ? !isRefused(answer) : answer() !== match;
  });

  expect(wrong).toEqual([]);
  expect(rows.length).toBeGreaterThan(80);
});

type IgnoreRow = {
  readonly patterns: readonly string[];
  readonly file: string;
  readonly fn: string;
  readonly match: boolean;
  readonly error?: string;
};

function linesOf(name: string): string[] {
  const text = readFileSync(join(DATA, name), 'utf8');
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

function isRefused(work: () => unknown): boolean {
  try {
    work();
    return false;
  } catch (error) {
    return error instanceof BerthError;
  }
}
