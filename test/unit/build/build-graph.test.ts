import { expect, test } from 'vitest';
import { BerthError } from '../../../src/base/errors.ts';
import { readDockerfile } from '../../../src/build/dockerfile/stages.ts';
import { type BuildGraph, buildGraph, type GraphOptions } from '../../../src/build/graph/build-graph.ts';
import type { Op } from '../../../src/build/graph/op.ts';

const OPTIONS: GraphOptions = {
  target: null,
  args: new Map(),
  platform: { os: 'linux', arch: 'amd64', variant: '' },
  network: 'default',
  noCache: false,
  noCacheFilter: [],
  contexts: new Map(),
  images: new Map([
    ['host', { config: { Env: ['PATH=/bin'] } }],
    ['trigger', { config: { Env: ['PATH=/bin'], OnBuild: ['COPY --from=other /x /x', 'ENV T=1'] } }],
  ]),
};

test('unused stages are not in the graph, used ones are once', () => {
  const graph = graphOf([
    'FROM host AS a',
    'RUN 1',
    'FROM host AS unused',
    'RUN 2',
    'FROM a AS b',
    'COPY --from=a /x /y',
    'FROM scratch',
    'COPY --from=b / /',
    'COPY --from=0 /z /',
  ]);

  expect(print(graph)).toMatchInlineSnapshot(`
    "#0 [3 1/3] FROM scratch -> nothing
    #1 [a 1/2] FROM host AS a -> host
    #2 [a 2/2] RUN 1 -> 1 on #1  
    #3 [b 2/2] COPY --from=a /x /y -> #2:/x to /y on #2
    #4 [3 2/3] COPY --from=b / / -> #3:/ to / on #0
    #5 [3 3/3] COPY --from=0 /z / -> #2:/z to / on #4"
  `);
});

test('an image that is not known yet is asked for, also by a trigger of another', () => {
  expect(answer(['FROM alpine:3 AS a', 'FROM scratch', 'COPY --from=a /x /', 'COPY --from=busybox /y /'])).toEqual({
    kind: 'missing',
    references: ['alpine:3', 'busybox'],
  });
  expect(answer(['FROM trigger'])).toEqual({ kind: 'missing', references: ['other'] });
});

test('a name of an additional context wins over stages and images', () => {
  const contexts = new Map([
    ['host', 'trigger2'],
    ['files', null],
  ]);
  const images = new Map([...OPTIONS.images, ['trigger2', { config: {} }]]);

  const graph = graphOf(['FROM host', 'COPY --from=files a /a'], { contexts, images });

  expect(print(graph)).toMatchInlineSnapshot(`
    "#0 [0 1/2] FROM host -> trigger2
    #1 [0 2/2] COPY --from=files a /a -> context files:a to /a on #0"
  `);
});

test('variables have the value of their line, in a stage only what it names', () => {
  const graph = graphOf(
    [
      'ARG G=global OTHER=${G}-2',
      'FROM host',
      'RUN a',
      'ARG G',
      'ARG OTHER=own',
      'ENV E=$G',
      'ARG E=arg',
      'RUN --mount=type=cache,target=/$E b',
      'WORKDIR $E/$TARGETARCH',
      'ARG TARGETARCH',
      'WORKDIR /$TARGETARCH',
    ],
    {
      args: new Map([
        ['OTHER', 'given'],
        ['NOBODY', 'x'],
      ]),
    },
  );

  expect(print(graph)).toMatchInlineSnapshot(`
    "#0 [0 1/5] FROM host -> host
    #1 [0 2/5] RUN a -> a on #0  
    #2 [0 3/5] RUN --mount=type=cache,target=/$E b -> b on #1 E=global G=global OTHER=given cache:/global
    #3 [0 4/5] WORKDIR $E/$TARGETARCH -> /global on #2
    #4 [0 5/5] WORKDIR /$TARGETARCH -> /amd64 on #3"
  `);
  expect(graph.unusedArguments).toEqual(['NOBODY']);
});

test('an ENTRYPOINT drops the CMD of the image below, and keeps its own', () => {
  const images = new Map([['app', { config: { Cmd: ['old'] } }]]);

  expect(graphOf(['FROM app', 'ENTRYPOINT ["e"]'], { images }).settings).toMatchObject({ cmd: null });
  expect(graphOf(['FROM app', 'CMD ["new"]', 'ENTRYPOINT ["e"]'], { images }).settings).toMatchObject({ cmd: ['new'] });
});

test('heredocs of RUN: a script by its #!, text for the shell, a part of a command', () => {
  const graph = graphOf(['FROM host', 'RUN <<E', '#!/x', 'E', 'RUN <<E', 'a', 'E', 'RUN cat <<E > /f', 'b', 'E']);

  const runs = graph.vertices.flatMap(({ op }) => (op.kind === 'run' ? [[op.argv, op.files]] : []));
  expect(runs).toEqual([
    [['/dev/pipes/E'], [{ path: '/dev/pipes/E', content: '#!/x\n' }]],
    [['/bin/sh', '-c', 'a\n'], []],
    [['/bin/sh', '-c', 'cat <<E > /f\nb\nE'], []],
  ]);
});

test.each([
  ['FROM $NOTHING', 'FROM is empty'],
  ['FROM host\nCOPY --from=later a /a\nFROM host AS later', ''],
  ['FROM host AS me\nCOPY --from=me a /a', 'this very stage'],
  ['FROM host\nRUN --mount=type=cash,target=/a x', 'not cash'],
  ['FROM host\nRUN --mount=type=cache,targte=/a x', 'did you mean target?'],
  ['FROM host\nEXPOSE 99999', 'no port'],
  ['FROM host\nADD --checksum=sha256:zz https://x/y /', 'no checksum'],
  ['FROM host\nCOPY --chmod=89 a /', 'no mode'],
  ['FROM --platform=linux/riscv64 host', 'can not be built here'],
  ['FROM host\nWORKDIR $UNSET', 'WORKDIR is empty'],
])('%j is refused at its line', (text, message) => {
  const file = readDockerfile(`${text}\n`, '/x/Dockerfile');
  const target = text.includes('AS later') ? '0' : null;

  const error = caught(() => buildGraph(file, { ...OPTIONS, target }));

  expect(error.code).toBe('DOCKERFILE_INVALID');
  expect(error.message).toContain(message);
  expect(error.at?.file).toBe('/x/Dockerfile');
});

function answer(lines: readonly string[], changes: Partial<GraphOptions> = {}) {
  return buildGraph(readDockerfile(`${lines.join('\n')}\n`, '/x/Dockerfile'), { ...OPTIONS, ...changes });
}

function graphOf(lines: readonly string[], changes: Partial<GraphOptions> = {}): BuildGraph {
  const built = answer(lines, changes);
  if (built.kind === 'missing') throw new Error(`missing ${built.references.join(' ')}`);
  return built.graph;
}

function print({ vertices }: BuildGraph): string {
  return vertices.map(({ id, title, op }) => `#${id} ${title} -> ${opText(op)}`).join('\n');
}

function opText(op: Op): string {
  switch (op.kind) {
    case 'image':
      return op.reference;
    case 'scratch':
      return 'nothing';
    case 'workdir':
      return `${op.path} on #${op.parent}`;
    case 'run':
      return `${op.argv.at(-1)} on #${op.parent} ${op.env.slice(1).join(' ')} ${op.mounts.map(({ mount }) => `${mount.kind}:${mount.target}`).join(' ')}`;
    case 'copy': {
      const sources = op.sources.map((source) =>
        source.kind !== 'files'
          ? source.kind
          : `${source.from.kind === 'vertex' ? `#${source.from.id}` : `context ${source.from.name}`}:${source.pattern}`,
      );
      return `${sources.join(' ')} to ${op.target} on #${op.parent}`;
    }
  }
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
