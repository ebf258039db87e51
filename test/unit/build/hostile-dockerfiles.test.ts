/** Dockerfiles that mean harm, as far as nothing has to be looked at: each is refused with a reason, at its line. */
import { expect, test } from 'vitest';
import { BerthError } from '../../../src/base/errors.ts';
import { readDockerfile } from '../../../src/build/dockerfile/stages.ts';
import { buildGraph } from '../../../src/build/graph/build-graph.ts';

const LONG = 'x'.repeat(2_000_000);
const many = (count: number, line: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => line(index));

const REFUSED: Record<string, readonly [lines: readonly string[], says: RegExp, line?: number]> = {
  'a base of a variable without a value': [['FROM $NONE'], /FROM is empty/],
  'a stage named like a path': [['FROM scratch AS ../x'], /name of a stage/],
  'a stage that is a number': [['FROM scratch', 'COPY --from=7 /x /x'], /no stage 7/],
  'a stage of itself': [['FROM scratch AS a', 'COPY --from=a /x /x'], /this very stage/],
  'a stage that comes later': [
    ['FROM scratch AS t', 'COPY --from=b /x /x', 'FROM scratch AS b', 'FROM t'],
    /comes later/,
  ],
  'two stages of a name': [['FROM scratch AS a', 'FROM scratch AS A'], /two stages/],
  'a NUL in a path': [['FROM scratch', 'COPY f /a\0b'], /NUL/],
  'a NUL in a comment': [['FROM scratch', '# \0'], /NUL/],
  'a NUL in a heredoc': [['FROM scratch', 'COPY <<E /x', 'a\0', 'E'], /NUL/, 3],
  'a mode beyond all bits': [['FROM scratch', 'COPY --chmod=77777777 f /f'], /no mode/],
  'ports beyond the last': [['FROM scratch', 'EXPOSE 1-99999'], /99999/],
  'ports backwards': [['FROM scratch', 'EXPOSE 90-80'], /90-80/],
  'a signal that is none': [['FROM scratch', 'STOPSIGNAL NOSUCH'], /no signal/],
  'a signal beyond the last': [['FROM scratch', 'STOPSIGNAL 65'], /no signal/],
  'an interval without an end': [['FROM scratch', 'HEALTHCHECK --interval=1e99s CMD x'], /no time/],
  'a shell of nothing': [['FROM scratch', 'SHELL []'], /list/],
  'a heredoc without an end': [['FROM scratch', 'COPY <<EOF /x', 'text'], /EOF has no end/],
  'a checksum of another kind': [['FROM scratch', 'ADD --checksum=md5:00 http://a/x /x'], /no checksum/],
  'a cache with a mode of nonsense': [['FROM host', 'RUN --mount=type=cache,target=/c,mode=99999 true'], /mode/],
  'a cache of user minus one': [['FROM host', 'RUN --mount=type=cache,target=/c,uid=-1 true'], /uid/],
  'a mount over the root': [['FROM host', 'RUN --mount=type=secret,id=s,target=/ true'], /\//],
  'a mount of an unknown kind': [['FROM host', 'RUN --mount=type=device,target=/x true'], /device/],
  'a mount with a word twice': [['FROM host', 'RUN --mount=type=tmpfs,target=/x,nonsense=1 true'], /nonsense/],
  'more rights': [['FROM host', 'RUN --security=insecure true'], /insecure/],
  'another platform': [['FROM --platform=plan9/mips scratch'], /plan9/],
  'a trigger that begins a stage': [['FROM scratch', 'ONBUILD FROM scratch'], /ONBUILD/],
  'a trigger in a trigger': [['FROM scratch', 'ONBUILD ONBUILD RUN x'], /ONBUILD/],
  'a line that never ends': [['FROM scratch', `LABEL a="${LONG}"`], /1 MiB/],
  'a value that grows': [['ARG A=0123456789', ...many(12, () => 'ARG A=$A$A$A$A$A$A$A$A$A$A'), 'FROM $A'], /1 MiB/],
  'a value nested in itself': [['ARG A', `FROM ${'${A:-'.repeat(300)}x${'}'.repeat(300)}`], /nested/],
  'stages beyond reason': [many(100_000, (n) => `FROM scratch AS s${n}`), /more than 20000/],
  'stages on stages': [['FROM scratch AS s0', ...many(3000, (n) => `FROM s${n} AS s${n + 1}`)], /stand on each other/],
  'an escape that is none': [['# escape=x', 'FROM scratch'], /escape/],
  'nothing at all': [[''], /no instruction/],
  'an instruction of letters': [['FROM scratch', 'RUNN x'], /no instruction/],
  'a list of something else': [['FROM scratch', 'CMD ["a", {}]'], /only strings/],
  'a file that is no text': [['\u007fELF\u0002\u0001\u0001'], /no instruction/],
};

test.each(Object.entries(REFUSED))('%s is refused', (_what, [lines, says, line]) => {
  const error = caught(() => graph(lines));

  expect([error.code, error.diagnostics?.[0]?.message ?? error.message]).toEqual([
    'DOCKERFILE_INVALID',
    expect.stringMatching(says),
  ]);
  if (line !== undefined) expect(error.diagnostics?.[0]?.at?.line).toBe(line);
});

test('what is large but can be meant is taken', () => {
  expect(graph(['FROM scratch AS s0', ...many(400, (n) => `FROM s${n} AS s${n + 1}`)]).kind).toBe('graph');
  expect(graph(['FROM scratch', ...many(5_000, () => 'ENV A=b')]).kind).toBe('graph');
  expect(
    graph(['FROM scratch', `COPY ${many(2000, (n) => `<<E${n}`).join(' ')} /x/`, ...many(2000, (n) => `E${n}`)]).kind,
  ).toBe('graph');
  expect(
    graph(['FROM scratch', ...['SIGRTMIN+3', 'term', '9', 'SIGKILL'].map((name) => `STOPSIGNAL ${name}`)]).kind,
  ).toBe('graph');
});

function graph(lines: readonly string[]) {
  return buildGraph(readDockerfile(lines.join('\n'), 'Dockerfile'), {
    target: null,
    args: new Map(),
    platform: { os: 'linux', arch: 'amd64', variant: '' },
    network: 'default',
    noCache: false,
    noCacheFilter: [],
    contexts: new Map(),
    images: new Map([['host', { config: {} }]]),
  });
}

function caught(work: () => unknown): BerthError {
  try {
    work();
  } catch (error) {
    if (error instanceof BerthError) return error;
    throw error;
  }
  throw new Error('it was taken');
}
