/**
 * What was written -> what it says: one instruction, its flags and arguments checked.
 */
import { parseDurationMs } from '../../base/duration.ts';
import { nearest } from '../../base/nearest.ts';
import { convertCopy } from './convert-copy.ts';
import type { CommandLine, HealthTest, Instruction, InstructionOf, Origin, Pair } from './instruction.ts';
import type { SourceNode } from './parse-dockerfile.ts';
import type { ProblemList } from './problems.ts';
import { type Flags, readFlags } from './read-flags.ts';

type Convert = (node: SourceNode, at: Conversion) => Instruction | undefined;

export type Conversion = {
  readonly origin: Origin;
  readonly flags: Flags;
  readonly refuse: (message: string, hint?: string) => undefined;
};

const CONVERTERS: Readonly<Record<string, Convert>> = {
  from: convertFrom,
  arg: convertArg,
  env: (node, at) => convertPairs('env', node, at),
  label: (node, at) => convertPairs('label', node, at),
  run: convertRun,
  copy: (node, at) => convertCopy('copy', node, at),
  add: (node, at) => convertCopy('add', node, at),
  cmd: ({ args, isJson }, { origin }) => ({ ...origin, kind: 'cmd', command: commandOf(args, isJson) }),
  entrypoint: ({ args, isJson }, { origin }) => ({ ...origin, kind: 'entrypoint', command: commandOf(args, isJson) }),
  shell: convertShell,
  workdir: (node, at) => convertText('workdir', node, at),
  user: (node, at) => convertText('user', node, at),
  stopsignal: (node, at) => convertText('stopsignal', node, at),
  maintainer: (node, at) => convertText('maintainer', node, at),
  expose: (node, at) => convertList('expose', node, at),
  volume: (node, at) => convertList('volume', node, at),
  healthcheck: convertHealthcheck,
  onbuild: convertOnbuild,
};

/** Flags of each instruction; `*` may be given more than once. */
const FLAGS: Readonly<Record<string, readonly string[]>> = {
  from: ['platform'],
  run: ['mount*', 'network', 'security'],
  copy: ['from', 'chown', 'chmod', 'link', 'parents', 'exclude*'],
  add: ['chown', 'chmod', 'link', 'exclude*', 'checksum', 'keep-git-dir', 'unpack'],
  healthcheck: ['interval', 'timeout', 'start-period', 'start-interval', 'retries'],
};

/** undefined: it is wrong, and `found` says how. */
export function convertInstruction(node: SourceNode, found: ProblemList): Instruction | undefined {
  const { line, endLine, col, text } = node;
  const refuse = (message: string, hint?: string) => found.add({ line, message, hint }) as undefined;
  const convert = CONVERTERS[node.name];
  if (!convert) {
    const near = nearest(node.name, Object.keys(CONVERTERS))?.toUpperCase();
    return refuse(`${node.written} is no instruction`, near === undefined ? undefined : `did you mean ${near}?`);
  }
  const flags = readFlags(node.flags, FLAGS[node.name] ?? [], { name: node.name.toUpperCase(), refuse });
  if (!flags) return undefined;
  return convert(node, { origin: { line, endLine, col, text }, flags, refuse });
}

function convertFrom({ args }: SourceNode, { origin, flags, refuse }: Conversion): Instruction | undefined {
  const [image, as, name] = args;
  if (image === undefined) return refuse('FROM needs an image', 'write FROM host, FROM scratch or FROM IMAGE:TAG');
  if (args.length !== 1 && (args.length !== 3 || as?.toLowerCase() !== 'as')) {
    return refuse('FROM takes an image and, if wanted, AS and a name', 'write FROM IMAGE AS NAME');
  }
  if (name !== undefined && !/^[a-z][a-z0-9-_.]*$/.test(name.toLowerCase())) {
    return refuse(`${name} can not be the name of a stage`, 'begin with a letter, then letters, digits, - _ and .');
  }
  return {
    ...origin,
    kind: 'from',
    image,
    platform: flags.one('platform'),
    name: name?.toLowerCase() ?? null,
  };
}

function convertArg({ args }: SourceNode, { origin, refuse }: Conversion): Instruction | undefined {
  if (args.length === 0) return refuse('ARG needs a name', 'write ARG NAME or ARG NAME=VALUE');
  const read = args.map((word) => {
    const at = word.indexOf('=');
    return at < 0 ? { name: word, value: null } : { name: word.slice(0, at), value: word.slice(at + 1) };
  });
  if (read.some(({ name }) => name === '')) return refuse('a name is missing before "="');
  return { ...origin, kind: 'arg', args: read };
}

function convertPairs(kind: 'env' | 'label', { args }: SourceNode, { origin, refuse }: Conversion) {
  const pairs: Pair[] = [];
  for (let at = 0; at + 1 < args.length; at += 3) pairs.push({ name: args[at]!, value: args[at + 1]! });
  const upper = kind.toUpperCase();
  if (pairs.length === 0) return refuse(`${upper} needs a name and a value`, `write ${upper} NAME=VALUE`);
  if (pairs.some(({ name }) => name === '')) return refuse('a name is missing before "="');
  return { ...origin, kind, pairs } satisfies Instruction;
}

function convertRun(node: SourceNode, { origin, flags, refuse }: Conversion): Instruction | undefined {
  const { args, isJson, heredocs } = node;
  const command = commandOf(args, isJson);
  const mounts = flags.all('mount');
  if (args.length === 0) return refuse('RUN needs a command');
  if (isJson && heredocs.length > 0) return refuse('a heredoc can not go with the list form', 'write RUN <<EOF');
  const security = flags.one('security');
  if (security !== null && security !== 'sandbox') {
    const hint = 'leave --security away; what needs more rights belongs into a container of its own';
    return refuse(`--security=${security} is not given: steps always run in the sandbox`, hint);
  }
  const network = flags.one('network');
  if (network !== null && network !== 'default' && network !== 'none' && network !== 'host') {
    return refuse(`--network can be default, none or host, not ${network}`);
  }
  return { ...origin, kind: 'run', command, heredocs, mounts, network };
}

function commandOf(args: readonly string[], isJson: boolean): CommandLine {
  return isJson ? { kind: 'exec', argv: args } : { kind: 'shell', text: args.join(' ') };
}

function convertShell({ args, isJson }: SourceNode, { origin, refuse }: Conversion): Instruction | undefined {
  if (isJson && args.length > 0) return { ...origin, kind: 'shell', argv: args };
  return refuse('SHELL needs a list', 'write SHELL ["/bin/bash", "-c"]');
}

type TextKind = 'workdir' | 'user' | 'stopsignal' | 'maintainer';

function convertText(kind: TextKind, { args }: SourceNode, { origin, refuse }: Conversion): Instruction | undefined {
  const [value] = args;
  return value === undefined ? refuse(`${kind.toUpperCase()} needs a value`) : { ...origin, kind, value };
}

function convertList(kind: 'expose' | 'volume', { args }: SourceNode, { origin, refuse }: Conversion) {
  if (args.length === 0 || args.some((value) => value.trim() === '')) {
    return refuse(kind === 'expose' ? 'EXPOSE needs a port' : 'VOLUME needs a path');
  }
  return { ...origin, kind, values: args } satisfies Instruction;
}

const NANOSECONDS = 1e6;

function convertHealthcheck(node: SourceNode, { origin, flags, refuse }: Conversion): Instruction | undefined {
  const [kind, ...rest] = node.args;
  if (kind?.toUpperCase() === 'NONE' && rest.length === 0) {
    return healthcheck(origin, { test: { kind: 'none' }, ...NO_TIMES });
  }
  if (kind?.toUpperCase() !== 'CMD' || rest.length === 0) {
    return refuse('HEALTHCHECK takes NONE, or CMD and a command', 'write HEALTHCHECK CMD COMMAND');
  }
  const time = (name: string): number | null | undefined => {
    const text = flags.one(name);
    if (text === null) return null;
    const ms = parseDurationMs(text);
    if (ms === undefined || (ms > 0 && ms < 1))
      return refuse(`--${name}=${text} is no time`, 'write 30s, 1m30s, 500ms');
    return ms * NANOSECONDS;
  };
  const times = [time('interval'), time('timeout'), time('start-period'), time('start-interval')];
  const retries = flags.one('retries');
  if (times.includes(undefined)) return undefined;
  if (retries !== null && !/^\d{1,9}$/.test(retries)) return refuse(`--retries=${retries} is no number`);
  const [intervalNs = null, timeoutNs = null, startPeriodNs = null, startIntervalNs = null] = times;
  return healthcheck(origin, {
    test: { kind: 'command', command: commandOf(rest, node.isJson) },
    intervalNs,
    timeoutNs,
    startPeriodNs,
    startIntervalNs,
    retries: retries === null ? null : Number(retries),
  });
}

const NO_TIMES = { intervalNs: null, timeoutNs: null, startPeriodNs: null, startIntervalNs: null, retries: null };

function healthcheck(origin: Origin, health: HealthTest): InstructionOf<'healthcheck'> {
  return { ...origin, kind: 'healthcheck', health };
}

const NOT_IN_ONBUILD = new Set(['onbuild', 'from', 'maintainer']);

function convertOnbuild(node: SourceNode, { origin, refuse }: Conversion): Instruction | undefined {
  if (!node.inner) return refuse('ONBUILD needs an instruction');
  if (NOT_IN_ONBUILD.has(node.inner.name)) return refuse(`${node.inner.written} can not stand in ONBUILD`);
  const documents = node.heredocs.map(({ name, content }) => `\n${content}${name}`).join('');
  return { ...origin, kind: 'onbuild', trigger: `${node.args[0] ?? ''}${documents}` };
}
