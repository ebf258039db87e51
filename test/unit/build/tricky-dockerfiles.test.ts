/** Dockerfiles that are easily read wrong, against what Docker's reference says of them. */
import { expect, test } from 'vitest';
import { BerthError } from '../../../src/base/errors.ts';
import { readDockerfile } from '../../../src/build/dockerfile/stages.ts';
import { type BuildGraph, buildGraph, type GraphOptions } from '../../../src/build/graph/build-graph.ts';
import type { CopySource, Op } from '../../../src/build/graph/op.ts';

type Case = readonly [lines: readonly string[], expected: readonly string[], options?: Partial<GraphOptions>];

const args = (pairs: Record<string, string>) => ({ args: new Map(Object.entries(pairs)) });

const CASES: Record<string, Case> = {
  /* Lines, comments, directives */
  'escape changes the sign of continued lines': [
    ['# escape=`', 'FROM scratch', 'LABEL a=b `', String.raw`  c=d\e`],
    ['label a=b', String.raw`label c=d\e`],
  ],
  'directives may have spaces and capitals': [
    ['#  ESCAPE =  `', 'FROM scratch', 'LABEL a=b `', ' c=d'],
    ['label a=b', 'label c=d'],
  ],
  'a directive below a comment is a comment': [
    ['# hello', '# escape=`', 'FROM scratch', 'LABEL a=b \\', ' c=d'],
    ['label a=b', 'label c=d'],
  ],
  'a directive below an empty line is a comment': [
    ['', '# escape=`', 'FROM scratch', 'LABEL a=b \\', ' c=d'],
    ['label a=b', 'label c=d'],
  ],
  'an unknown directive ends them': [
    ['# unknown=1', '# escape=`', 'FROM scratch', 'LABEL a=b \\', ' c=d'],
    ['label a=b', 'label c=d'],
  ],
  'syntax and escape together': [
    ['# syntax=docker/dockerfile:1', '# escape=`', 'FROM scratch', 'LABEL a=b `', ' c=d'],
    ['label a=b', 'label c=d'],
  ],
  'a byte order mark and line ends of Windows': [
    ['\uFEFF# escape=`\r', 'FROM scratch\r', 'LABEL a=b `\r', ' c=d\r'],
    ['label a=b', 'label c=d'],
  ],
  'comments inside a continued line vanish': [
    ['FROM host', 'RUN echo a \\', '# note', '   # another \\', '  b'],
    ['run echo a   b'],
  ],
  'empty lines inside a continued line vanish': [['FROM host', 'RUN echo a \\', '', '   ', '  b'], ['run echo a   b']],
  'a continued line joins without a space': [['FROM host', 'RUN echo hel\\', 'lo'], ['run echo hello']],
  'spaces behind the sign do not matter': [['FROM host', 'RUN echo a \\  ', 'b'], ['run echo a b']],
  'two signs are no continuation': [
    ['FROM host', 'RUN echo a \\\\', 'LABEL b=c'],
    ['run echo a \\\\', 'label b=c'],
  ],
  'a sign at the end of the file': [['FROM host', 'RUN echo a \\'], ['run echo a']],
  'a sign alone on a line': [['FROM host', 'RUN echo a \\', '\\', 'b'], ['run echo a b']],
  'a comment is none behind words': [['FROM host', 'RUN echo a # b'], ['run echo a # b']],
  'instructions and AS in any case': [
    ['from scratch aS Build', 'lAbEl a=b', 'FROM BUILD', 'LABEL c=d'],
    ['label a=b', 'label c=d'],
  ],

  /* ENV, LABEL, ARG */
  'ENV with a space takes the rest of the line': [
    ['FROM scratch', 'ENV A one  two   three=4'],
    ['env A=one  two   three=4'],
  ],
  'ENV with quotes and escapes': [
    ['FROM scratch', String.raw`ENV A="a b" B=c\ d C='$A "x"' D=""`],
    ['env A=a b', 'env B=c d', 'env C=$A "x"', 'env D='],
  ],
  'a line sees the values from before it': [
    ['FROM scratch', 'ENV a=hello', 'ENV a=bye b=$a', 'ENV c=$a'],
    ['env a=bye', 'env b=hello', 'env c=bye'],
  ],
  'a value over several lines': [
    ['FROM scratch', 'ENV a=1 \\', ' b=2 \\', '# note', ' c=3'],
    ['env a=1', 'env b=2', 'env c=3'],
  ],
  'ENV of a name alone': [['FROM scratch', 'ENV A'], ['DOCKERFILE_INVALID']],
  'ENV with a stray word': [['FROM scratch', 'ENV A=b c'], ['DOCKERFILE_INVALID']],
  'LABEL of a name alone': [['FROM scratch', 'LABEL a'], ['DOCKERFILE_INVALID']],
  'LABEL with quoted names': [
    ['FROM scratch', 'LABEL "com.x y"="a b" d=\'e\'', 'LABEL d=f'],
    ['label com.x y=a b', 'label d=f'],
  ],
  'an escaped dollar is a dollar': [
    ['FROM scratch', 'ENV x=1', String.raw`LABEL a=\$x b=\${x} c=$x`],
    ['env x=1', 'label a=$x', 'label b=${x}', 'label c=1'],
  ],
  'forms of variables': [
    [
      'FROM scratch',
      'ENV s=foobar e=',
      'LABEL a=${n:-d}${n-d} b=${s:+y}${e:+y}${e+z} c=${s#fo*o} d=${s%b*} e=${s/o/0} f=${s//o/0} g=${e:-${s:-x}}',
    ],
    [
      'env s=foobar',
      'env e=',
      'label a=dd',
      'label b=yz',
      'label c=bar',
      'label d=foo',
      'label e=f0obar',
      'label f=f00bar',
      'label g=foobar',
    ],
  ],
  'a variable that must be there': [['FROM scratch', 'LABEL a=${n:?it is needed}'], ['DOCKERFILE_INVALID']],
  'CMD and RUN leave variables to the shell': [
    ['FROM host', 'ENV A=b', 'RUN echo $A', 'CMD echo $A'],
    ['env A=b', 'run echo $A', 'cmd /bin/sh -c echo $A'],
  ],

  'ARG above FROM is seen by FROM only': [['ARG V=1', 'FROM scratch', 'LABEL v=[$V]'], ['label v=[]']],
  'ARG above FROM is taken into a stage by its name': [
    ['ARG V=1', 'FROM scratch', 'ARG V', 'LABEL v=$V'],
    ['label v=1'],
  ],
  'a stage gives it another default': [['ARG V=1', 'FROM scratch', 'ARG V=2', 'LABEL v=$V'], ['label v=2']],
  'what is given wins over each default': [
    ['ARG V=1', 'FROM scratch', 'ARG V=2', 'LABEL v=$V'],
    ['label v=3'],
    args({ V: '3' }),
  ],
  'an ARG before its line has no value': [
    ['FROM scratch', 'LABEL v=[$V]', 'ARG V=1', 'LABEL w=$V'],
    ['label v=[]', 'label w=1'],
    args({}),
  ],
  'an ARG ends with its stage': [['FROM scratch AS a', 'ARG V=1', 'FROM scratch', 'LABEL v=[$V]'], ['label v=[]']],
  'an ARG is not inherited from a stage, ENV is': [
    ['FROM scratch AS a', 'ARG V=1', 'ENV E=2', 'FROM a', 'LABEL v=[$V]$E'],
    ['env E=2', 'label v=[]2'],
  ],
  'ENV wins over ARG, wherever it stands': [
    ['FROM scratch', 'ENV V=env', 'ARG V=arg', 'LABEL v=$V'],
    ['env V=env', 'label v=env'],
    args({ V: 'given' }),
  ],
  'ENV keeps an argument for the image': [['FROM scratch', 'ARG V', 'ENV V=${V:-v1}'], ['env V=v1']],
  'ARG of several names': [
    ['FROM scratch', 'ARG a=1 b c="x y"', 'LABEL v=$a$b$c'],
    ['label v=12x y'],
    args({ b: '2' }),
  ],
  'a later global ARG uses an earlier one': [
    ['ARG A=1', 'ARG B=$A.2', 'FROM scratch AS s$B', 'ARG B', 'LABEL v=$B'],
    ['DOCKERFILE_INVALID'],
  ],
  'FROM takes global arguments': [['ARG B=scra', 'FROM ${B}tch', 'LABEL a=b'], ['label a=b']],
  'platform arguments have to be named in a stage': [
    ['FROM scratch', 'LABEL a=[$TARGETARCH]', 'ARG TARGETARCH', 'LABEL b=$TARGETARCH'],
    ['label a=[]', 'label b=amd64'],
  ],
  'FROM knows platform arguments': [['FROM --platform=$BUILDPLATFORM scratch', 'LABEL a=b'], ['label a=b']],

  /* Commands */
  'a list with single quotes is for the shell': [['FROM scratch', "CMD ['a', 'b']"], ["cmd /bin/sh -c ['a', 'b']"]],
  'the last CMD counts': [['FROM scratch', 'CMD a', 'CMD ["b", "c"]'], ['cmd b c']],
  'ENTRYPOINT takes the CMD of the base away': [
    ['FROM based', 'ENTRYPOINT ["x"]'],
    ['env PATH=/bin', 'entrypoint x'],
  ],
  'ENTRYPOINT keeps the CMD of its own stage': [
    ['FROM based', 'CMD ["own"]', 'ENTRYPOINT ["x"]'],
    ['env PATH=/bin', 'entrypoint x', 'cmd own'],
  ],
  'SHELL is for what comes after it': [
    ['FROM host', 'RUN a', 'SHELL ["/bin/bash", "-ec"]', 'RUN b', 'CMD c'],
    ['run a', 'run b with /bin/bash -ec', 'cmd /bin/bash -ec c'],
  ],
  'unknown flags are refused, of CMD too': [['FROM scratch', 'CMD --x y'], ['DOCKERFILE_INVALID']],
  'HEALTHCHECK NONE takes that of the base away': [
    ['FROM based', 'HEALTHCHECK NONE'],
    ['env PATH=/bin', 'cmd base', 'health NONE'],
  ],
  'WORKDIR goes on from the one before': [
    ['FROM scratch', 'ENV D=c', 'WORKDIR /a', 'WORKDIR b', 'WORKDIR $D/..', 'WORKDIR d'],
    ['env D=c', 'workdir /a', 'workdir /a/b', 'workdir /a/b', 'workdir /a/b/d'],
  ],
  'EXPOSE with a variable, a range and a protocol': [
    ['FROM scratch', 'ENV P=80', 'EXPOSE $P 53/UDP 90-91/tcp'],
    ['env P=80', 'port 80/tcp', 'port 53/udp', 'port 90/tcp', 'port 91/tcp'],
  ],
  'VOLUME as a list and as words': [
    ['FROM scratch', 'VOLUME ["/a b"]', 'VOLUME /c /d'],
    ['volume /a b', 'volume /c', 'volume /d'],
  ],

  /* Heredocs */
  'a heredoc is a script': [
    ['FROM host', 'RUN <<EOF', 'a', '# kept', '', 'b \\', 'c', 'EOF'],
    ['run a|# kept||b \\|c|'],
  ],
  'tabs before a heredoc go with <<-': [['FROM host', 'RUN <<-EOF', '\ta', '\t\tb', ' c', '\tEOF'], ['run a|b| c|']],
  'a heredoc for a program is the shell’s': [
    ['FROM host', 'RUN cat <<EOF > /x', 'a $b', 'EOF'],
    ['run cat <<EOF > /x|a $b|EOF'],
  ],
  'a heredoc inside a heredoc': [
    ['FROM host', 'RUN <<OUT', 'cat <<IN', 'x', 'IN', 'OUT', 'RUN b'],
    ['run cat <<IN|x|IN|', 'run b'],
  ],
  'variables are put into the heredoc of COPY': [
    ['FROM scratch', 'ENV A=1', 'COPY <<E /x', '$A "$A" \'$A\' \\$A', 'E'],
    ['env A=1', 'copy E:1 "1" \'1\' $A| to /x'],
  ],
  'not into one with quotes': [
    ['FROM scratch', 'ENV A=1', 'COPY <<"E" /x', '$A', 'E'],
    ['env A=1', 'copy E:$A| to /x'],
  ],
  'several heredocs in a line': [['FROM scratch', 'COPY <<A <<B /x/', '1', 'A', '2', 'B'], ['copy A:1|, B:2| to /x/']],
  'a here-string is none': [
    ['FROM host', 'RUN cat <<<word', 'LABEL a=b'],
    ['run cat <<<word', 'label a=b'],
  ],
  'a heredoc in quotes is none': [
    ['FROM host', 'RUN echo "<<EOF"', 'LABEL a=b'],
    ['run echo "<<EOF"', 'label a=b'],
  ],
  'ONBUILD keeps its heredoc': [['FROM scratch', 'ONBUILD COPY <<E /x', 'a', 'E'], ['onbuild COPY <<E /x|a|E']],

  /* COPY, ADD, FROM */
  'words of COPY in a list may have spaces': [['FROM scratch', 'COPY ["a b", "/c d/"]'], ['copy context:a b to /c d/']],
  'a target is relative to the working folder': [
    ['FROM scratch', 'WORKDIR /w', 'COPY a .', 'COPY a b', 'COPY a ../c/'],
    ['workdir /w', 'copy context:a to /w/', 'copy context:a to /w/b', 'copy context:a to /c/'],
  ],
  'ADD knows URLs and repositories': [
    ['FROM scratch', 'ADD https://a/b.tgz git@h:x/y.git https://h/x.git#v1:sub f /x/'],
    ['copy url https://a/b.tgz, git git@h:x/y.git, git https://h/x.git#v1:sub, context:f! to /x/'],
  ],
  'COPY takes no URL': [['FROM scratch', 'COPY https://a/b /x'], ['copy context:https://a/b to /x']],
  'a stage by number': [['FROM scratch AS a', 'LABEL x=y', 'FROM scratch', 'COPY --from=0 /f /'], ['copy #1:/f to /']],
  'a stage in other capitals': [
    ['FROM scratch AS Tools', 'WORKDIR /w', 'FROM scratch', 'COPY --from=TOOLS /f /'],
    ['workdir /w', 'copy #2:/f to /'],
  ],
  'quotes do not keep words of COPY together': [['FROM scratch', 'COPY "a b" /c'], ['DOCKERFILE_INVALID']],
  'a list with words behind it is for the shell': [['FROM scratch', 'CMD ["a"] b'], ['cmd /bin/sh -c ["a"] b']],
  'a list with spaces in it': [['FROM scratch', 'CMD [ "a" ,  "b" ]'], ['cmd a b']],
  'quotes that touch are one word': [
    ['FROM scratch', 'ENV A=\'x\'"y"z B="a \\', '  b"'],
    ['env A=xyz', 'env B=a   b'],
  ],
  'a dollar that names nothing stays': [
    ['FROM scratch', 'LABEL a=cost$ b="$ x"'],
    ['label a=cost$', 'label b=$ x'],
  ],
  'SHELL is inherited by stages': [
    ['FROM host AS a', 'SHELL ["/bin/bash", "-c"]', 'FROM a', 'RUN x'],
    ['run x with /bin/bash -c'],
  ],
  'a port given twice is one': [
    ['FROM scratch', 'EXPOSE 80 80/tcp', 'EXPOSE 80/udp'],
    ['port 80/tcp', 'port 80/udp'],
  ],
  'triggers of a stage run in the one that stands on it': [
    ['FROM scratch AS a', 'ONBUILD ENV T=1', 'ONBUILD COPY f /t', 'FROM a', 'LABEL x=$T'],
    ['env T=1', 'copy context:f to /t', 'label x=1'],
  ],
  'triggers of an image run first, and once': [
    ['FROM triggers AS a', 'ENV B=$T', 'FROM a', 'ENV C=$B'],
    ['env T=1', 'env B=1', 'env C=1'],
  ],
  'a named context in place of an image': [
    ['FROM alpine', 'COPY --from=alpine /f /'],
    ['copy context(alpine):/ to /', 'copy context(alpine):/f to /'],
    { contexts: new Map([['alpine', null]]) },
  ],
  'a named context in place of a stage': [
    ['FROM host AS base', 'RUN unused', 'FROM scratch', 'COPY --from=base /f /'],
    ['copy context(base):/f to /'],
    { contexts: new Map([['base', null]]) },
  ],
  'a named context that is another image': [
    ['FROM alpine', 'LABEL a=b'],
    ['env PATH=/bin', 'cmd base', 'label a=b'],
    { contexts: new Map([['alpine', 'based']]) },
  ],
};

test.each(Object.entries(CASES))('%s', (_what, [lines, expected, options]) => {
  expect(read(lines, options).sort()).toEqual([...expected].sort());
});

const OPTIONS: GraphOptions = {
  target: null,
  args: new Map(),
  platform: { os: 'linux', arch: 'amd64', variant: '' },
  network: 'default',
  noCache: false,
  noCacheFilter: [],
  contexts: new Map(),
  images: new Map([
    ['host', { config: {} }],
    ['based', { config: { Env: ['PATH=/bin'], Cmd: ['base'], Healthcheck: { Test: ['CMD', 'x'] } } }],
    ['triggers', { config: { OnBuild: ['ENV T=1'] } }],
  ]),
};

/** Steps, then settings that are not empty, or the code of the refusal; `|` stands for a line's end. */
function read(lines: readonly string[], options: Partial<GraphOptions> = {}): string[] {
  try {
    const answer = buildGraph(readDockerfile(lines.join('\n'), 'Dockerfile'), { ...OPTIONS, ...options });
    if (answer.kind === 'missing') return answer.references.map((reference) => `missing ${reference}`);
    return inOrder(answer.graph);
  } catch (error) {
    if (error instanceof BerthError) return [error.code];
    throw error;
  }
}

function inOrder({ vertices, settings }: BuildGraph): string[] {
  const { env, labels, entrypoint, cmd, exposed, volumes, healthcheck, onBuild } = settings;
  const steps = vertices.flatMap(({ op }) => stepText(op) ?? []);
  return [
    ...steps,
    ...env.filter((pair) => !pair.startsWith('PATH=/usr')).map((pair) => `env ${pair}`),
    ...Object.entries(labels).map(([name, value]) => `label ${name}=${value}`),
    ...(entrypoint ? [`entrypoint ${entrypoint.join(' ')}`] : []),
    ...(cmd ? [`cmd ${cmd.join(' ')}`] : []),
    ...exposed.map((port) => `port ${port}`),
    ...volumes.map((path) => `volume ${path}`),
    ...(healthcheck?.Test?.[0] === 'NONE' ? ['health NONE'] : []),
    ...onBuild.map((text) => `onbuild ${oneLine(text)}`),
  ];
}

function stepText(op: Op): string | undefined {
  if (op.kind === 'workdir') return `workdir ${op.path}`;
  if (op.kind === 'run') {
    const shell = op.argv.slice(0, -1).join(' ');
    return `run ${oneLine(op.argv.at(-1) ?? '')}${shell === '/bin/sh -c' ? '' : ` with ${shell}`}`;
  }
  if (op.kind !== 'copy') return undefined;
  return `copy ${op.sources.map(sourceText).join(', ')} to ${op.target}`;
}

function sourceText(source: CopySource): string {
  if (source.kind === 'inline') return `${source.name}:${oneLine(source.content)}`;
  if (source.kind !== 'files') return `${source.kind} ${source.url}`;
  const { from, pattern, unpack } = source;
  const where = from.kind === 'vertex' ? `#${from.id}` : `context${from.name === '' ? '' : `(${from.name})`}`;
  return `${where}:${pattern}${unpack ? '!' : ''}`;
}

function oneLine(text: string): string {
  return text.replaceAll('\n', '|');
}
