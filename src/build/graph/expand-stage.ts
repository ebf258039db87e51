/**
 * One stage -> vertices and the settings of its image.
 *
 * Pure: what it must know of images and other stages is given. Variables are
 * put in here, with the values they have at that line.
 */
import { posix } from 'node:path';
import { BerthError } from '../../base/errors.ts';
import { signalNumber } from '../../runtime/stop-signals.ts';
import { expandWord, expandWords } from '../dockerfile/expand.ts';
import { heredocContent } from '../dockerfile/heredoc.ts';
import type { Instruction, InstructionOf, Origin } from '../dockerfile/instruction.ts';
import { parseRunMount } from '../dockerfile/run-mounts.ts';
import { copyOp } from './copy-op.ts';
import { argvOf, healthcheckOf, portsOf, type Settings, variable, withVariable } from './image-settings.ts';
import type { FileSource, Op, ResolvedMount, VertexId } from './op.ts';

export type StageScope = {
  readonly escapeSign: string;
  /** Values for ARG lines without one of their own: given from outside, global, predefined. */
  readonly given: ReadonlyMap<string, string>;
  readonly inherited: ReadonlyMap<string, string>;
  readonly proxies: readonly string[];
  readonly network: 'default' | 'none' | 'host';
  add(op: Op, origin: Origin): VertexId;
  /** What `from` names; null: the build's own context. */
  resolveFrom(word: string, origin: Origin): FileSource;
  /** An instruction's failure with its line. */
  at(origin: Origin, error: unknown): unknown;
  /** Names that ARG lines have. */
  readonly named: Set<string>;
};

export type HistoryEntry = { readonly createdBy: string; readonly line: number; readonly vertex: VertexId | null };

export type StageState = {
  readonly vertex: VertexId;
  readonly settings: Settings;
  readonly history: readonly HistoryEntry[];
  /** ARG values of this stage. */
  readonly args: ReadonlyMap<string, string>;
  /** A CMD of this stage: an ENTRYPOINT then keeps it. */
  readonly hasCmd: boolean;
};

export function expandStage(start: StageState, instructions: readonly Instruction[], scope: StageScope): StageState {
  let state = start;
  for (const instruction of instructions) {
    try {
      state = step(state, instruction, scope);
    } catch (error) {
      throw scope.at(instruction, error);
    }
  }
  return state;
}

function step(state: StageState, instruction: Instruction, scope: StageScope): StageState {
  const { settings } = state;
  const word = (text: string) => expandWord(text, expansionOf(state, scope));
  const words = (text: string) => expandWords(text, expansionOf(state, scope));
  const set = (change: Partial<Settings>, more: Partial<StageState> = {}): StageState => ({
    ...noted(state, instruction, null),
    settings: { ...settings, ...change },
    ...more,
  });
  switch (instruction.kind) {
    case 'from':
      throw new Error('FROM begins a stage');
    case 'arg':
      return declare(state, instruction, scope);
    case 'env': {
      const pairs = instruction.pairs.map(({ name, value }) => [word(name), word(value)] as const);
      return set({
        env: pairs.reduce<readonly string[]>((env, [name, value]) => withVariable(env, name, value), settings.env),
      });
    }
    case 'label': {
      const pairs = instruction.pairs.map(({ name, value }) => [word(name), word(value)] as const);
      return set({ labels: { ...settings.labels, ...Object.fromEntries(pairs) } });
    }
    case 'cmd':
      return set({ cmd: argvOf(instruction.command, settings.shell) }, { hasCmd: true });
    case 'entrypoint': {
      const entrypoint = argvOf(instruction.command, settings.shell);
      return set(state.hasCmd ? { entrypoint } : { entrypoint, cmd: null });
    }
    case 'shell':
      return set({ shell: instruction.argv });
    case 'user':
      return set({ user: needed('USER', word(instruction.value)) });
    case 'stopsignal':
      return set({ stopSignal: checkedSignal(needed('STOPSIGNAL', word(instruction.value))) });
    case 'maintainer':
      return set({ author: instruction.value });
    case 'expose': {
      const ports = instruction.values.flatMap(words).flatMap(portsOf);
      return set({ exposed: [...new Set([...settings.exposed, ...ports])] });
    }
    case 'volume':
      return set({ volumes: [...new Set([...settings.volumes, ...instruction.values.map(word)])] });
    case 'healthcheck':
      return set({ healthcheck: healthcheckOf(instruction.health) });
    case 'onbuild':
      return set({ onBuild: [...settings.onBuild, instruction.trigger] });
    case 'workdir':
      return workdir(state, instruction, { scope, path: needed('WORKDIR', word(instruction.value)) });
    case 'run':
      return run(state, instruction, scope);
    case 'copy':
    case 'add': {
      const op = copyOp(instruction, {
        parent: state.vertex,
        workingDir: settings.workingDir,
        word,
        resolveFrom: (from) => scope.resolveFrom(from, instruction),
      });
      return noted(state, instruction, scope.add(op, instruction));
    }
  }
}

function expansionOf(state: StageState, scope: StageScope) {
  return {
    escapeSign: scope.escapeSign,
    lookUp: (name: string) => variable(state.settings.env, name) ?? state.args.get(name),
  };
}

function declare(state: StageState, instruction: InstructionOf<'arg'>, scope: StageScope): StageState {
  const args = new Map(state.args);
  for (const { name, value } of instruction.args) {
    scope.named.add(name);
    const own = value === null ? undefined : expandWord(value, expansionOf({ ...state, args }, scope));
    const chosen = scope.given.get(name) ?? own ?? scope.inherited.get(name);
    if (chosen !== undefined) args.set(name, chosen);
  }
  return { ...noted(state, instruction, null), args };
}

type Workdir = { readonly scope: StageScope; readonly path: string };

function workdir(state: StageState, instruction: Origin, { scope, path }: Workdir): StageState {
  const { settings } = state;
  const workingDir = posix.resolve('/', settings.workingDir, path);
  const next = { ...state, settings: { ...settings, workingDir } };
  if (workingDir === '/') return noted(next, instruction, null);
  const op: Op = { kind: 'workdir', parent: state.vertex, path: workingDir, user: settings.user };
  return noted(next, instruction, scope.add(op, instruction));
}

function run(state: StageState, instruction: InstructionOf<'run'>, scope: StageScope): StageState {
  const { settings, args } = state;
  const own = new Set(settings.env.map((pair) => pair.split('=', 1)[0]));
  const fromArgs = [...args].filter(([name]) => !own.has(name)).map(([name, value]) => `${name}=${value}`);
  const { argv, files } = commandOf(instruction, settings);
  if (argv.length === 0) throw new BerthError('DOCKERFILE_INVALID', 'RUN needs a command');
  const op: Op = {
    kind: 'run',
    parent: state.vertex,
    argv,
    env: [...settings.env, ...fromArgs],
    passedEnv: scope.proxies,
    user: settings.user,
    cwd: settings.workingDir,
    network: instruction.network ?? scope.network,
    mounts: instruction.mounts.map((text) => mountOf(text, { state, instruction, scope })),
    files,
  };
  return noted(state, instruction, scope.add(op, instruction));
}

type Mounting = { readonly state: StageState; readonly instruction: Origin; readonly scope: StageScope };

function mountOf(text: string, { state, instruction, scope }: Mounting): ResolvedMount {
  const mount = parseRunMount(expandWord(text, expansionOf(state, scope)), state.settings.workingDir);
  if (mount.kind === 'bind') {
    const from: FileSource =
      mount.from === null ? { kind: 'context', name: '' } : scope.resolveFrom(mount.from, instruction);
    return { mount, from };
  }
  const hasFiles = mount.kind === 'cache' && mount.from !== null;
  return { mount, from: hasFiles ? scope.resolveFrom(mount.from, instruction) : null };
}

/** A heredoc alone is a script: by its `#!`, else for the shell. With other words it is the shell's matter. */
function commandOf({ command, heredocs }: InstructionOf<'run'>, { shell }: Settings) {
  const [first] = heredocs;
  if (command.kind === 'exec' || !first) return { argv: argvOf(command, shell), files: [] };
  if (heredocs.length > 1 || command.text.trim() !== first.word) {
    const documents = heredocs.map((doc) => `\n${doc.content}${doc.name}`).join('');
    return { argv: argvOf({ kind: 'shell', text: command.text + documents }, shell), files: [] };
  }
  const content = heredocContent(first);
  if (!content.startsWith('#!')) return { argv: argvOf({ kind: 'shell', text: content }, shell), files: [] };
  const path = `/dev/pipes/${first.name.replaceAll('/', '_')}`;
  return { argv: [path], files: [{ path, content }] };
}

function needed(name: string, value: string): string {
  if (value !== '') return value;
  throw new BerthError('DOCKERFILE_INVALID', `${name} is empty`, { hint: 'the variable in it has no value here' });
}

function checkedSignal(text: string): string {
  try {
    signalNumber(text);
    return text;
  } catch (cause) {
    const hint = 'write SIGTERM, SIGINT or 15';
    throw new BerthError('DOCKERFILE_INVALID', `STOPSIGNAL ${text} is no signal`, { hint, cause });
  }
}

function noted(state: StageState, { text, line }: Origin, vertex: VertexId | null): StageState {
  const entry = { createdBy: text, line, vertex };
  return { ...state, vertex: vertex ?? state.vertex, history: [...state.history, entry] };
}
