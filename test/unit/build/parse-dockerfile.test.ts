import { expect, test } from 'vitest';
import { BerthError } from '../../../src/base/errors.ts';
import { heredocContent } from '../../../src/build/dockerfile/heredoc.ts';
import { parseDockerfile } from '../../../src/build/dockerfile/parse-dockerfile.ts';
import { dump } from './dump.ts';

const parse = (...lines: string[]) => parseDockerfile(`${lines.join('\n')}\n`, '/x/Dockerfile');

test('comments inside a continued line are left out, and its lines are counted', () => {
  const source = parse('# syntax=docker/dockerfile:1', 'FROM host', 'RUN a && \\', '  # why', '  b', 'CMD ["x"]');

  expect(dump(source)).toBe('(from "host")\n(run "a &&   b")\n(cmd "x")');
  expect(source.nodes.map(({ line, endLine }) => [line, endLine])).toEqual([
    [2, 2],
    [3, 5],
    [6, 6],
  ]);
  expect(source.syntax).toBe('docker/dockerfile:1');
});

test('two escape signs at the end of a line do not continue it', () => {
  const source = parse('FROM host', 'RUN echo \\\\', 'RUN b');

  expect(source.nodes).toHaveLength(3);
});

test('the escape directive makes the backslash an ordinary sign', () => {
  const source = parse('# escape=`', 'FROM host', 'RUN dir C:\\', 'RUN a `', ' b');

  expect(dump(source)).toBe('(from "host")\n(run "dir C:\\\\")\n(run "a  b")');
});

test('heredocs are read to their word; the form decides on tabs and variables', () => {
  const source = parse('FROM host', 'COPY <<A <<-"B" /x/', 'one $V', 'A', '\ttwo', '\tB', 'RUN <<EOF', 'go', 'EOF');

  const copied = source.nodes[1]!.heredocs.map((doc) => [doc.name, doc.expand, heredocContent(doc)]);
  expect(copied).toEqual([
    ['A', true, 'one $V\n'],
    ['B', false, 'two\n'],
  ]);
  expect(source.nodes[2]).toMatchObject({ text: 'RUN <<EOF', line: 7, endLine: 9 });
});

test('what looks like a heredoc in quotes or in arithmetic is none', () => {
  const source = parse('FROM host', `RUN echo '<<EOF' "<<X"`, 'RUN echo $((1<<2))', 'RUN a');

  expect(source.nodes.map((node) => node.heredocs.length)).toEqual([0, 0, 0, 0]);
});

test('all findings are told at once, each with its line', () => {
  const error = errorOf(() => parse('FROM host', 'ENV NAME', 'LABEL a=b c', 'RUN <<EOF', 'no end'));

  expect(error.code).toBe('DOCKERFILE_INVALID');
  expect(error.diagnostics?.map((found) => [found.at?.line, found.message])).toEqual([
    [2, 'ENV NAME has no value'],
    [3, '"c" has no "="'],
    [4, 'the heredoc EOF has no end'],
  ]);
});

test('a list with something else than strings in it is a mistake, not a shell command', () => {
  expect(errorOf(() => parse('FROM host', 'CMD ["a", 1]')).diagnostics?.[0]?.message).toBe(
    'only strings can stand in the list',
  );
});

test('a directive that is given twice and an escape that is none are refused', () => {
  expect(errorOf(() => parse('# escape=`', '# escape=\\', 'FROM host')).diagnostics?.[0]?.at?.line).toBe(2);
  expect(errorOf(() => parse('# escape=x', 'FROM host')).diagnostics?.[0]?.message).toContain('not x');
});

test('hostile texts end quickly with an error', () => {
  const startedAt = performance.now();

  expect(errorOf(() => parse(`RUN ${'x'.repeat(2_000_000)}`)).code).toBe('DOCKERFILE_INVALID');
  expect(errorOf(() => parse(...Array.from({ length: 100_000 }, (_, n) => `FROM host AS s${n}`))).code).toBe(
    'DOCKERFILE_INVALID',
  );
  expect(errorOf(() => parse(`${'ONBUILD '.repeat(10_000)}RUN a`)).code).toBe('DOCKERFILE_INVALID');
  expect(performance.now() - startedAt).toBeLessThan(20_000);
});

function errorOf(work: () => unknown): BerthError {
  try {
    work();
  } catch (error) {
    if (error instanceof BerthError) return error;
    throw error;
  }
  throw new Error('it was taken');
}
