/**
 * Dockerfile + what is known of images -> the graph of one target.
 *
 * Pure. Stages that the target does not need are not in it. Images it must
 * know first are returned as `missing`: the caller finds them and asks again.
 */
import { BerthError } from '../../base/errors.ts';
import type { OciImage } from '../../image/image-config.ts';
import { expandWord } from '../dockerfile/expand.ts';
import type { Origin } from '../dockerfile/instruction.ts';
import { diagnosticOf } from '../dockerfile/problems.ts';
import { type Dockerfile, findStage, readTrigger, type Stage, targetStage } from '../dockerfile/stages.ts';
import {
  globalArguments,
  type PlatformNames,
  platformArguments,
  proxyVariables,
  unusedArguments,
} from './arguments.ts';
import { expandStage, type HistoryEntry, type StageState } from './expand-stage.ts';
import { SCRATCH, type Settings, settingsOf } from './image-settings.ts';
import type { FileSource, Op, Vertex, VertexId } from './op.ts';

export type GraphOptions = {
  readonly target: string | null;
  readonly args: ReadonlyMap<string, string>;
  readonly platform: PlatformNames;
  readonly network: 'default' | 'none' | 'host';
  readonly noCache: boolean;
  /** Names of stages whose cache is not used. */
  readonly noCacheFilter: readonly string[];
  /** Additional contexts: a reference where it is an image, null where it is a folder. */
  readonly contexts: ReadonlyMap<string, string | null>;
  /** Configs of images by reference, as far as they are known. */
  readonly images: ReadonlyMap<string, Pick<OciImage, 'config' | 'author' | 'history'>>;
};

export type BuildGraph = {
  readonly vertices: readonly Vertex[];
  readonly result: VertexId;
  readonly settings: Settings;
  /** Of this build's own steps. */
  readonly history: readonly HistoryEntry[];
  /** The image it stands on; null: scratch. */
  readonly base: string | null;
  readonly unusedArguments: readonly string[];
};

export type GraphAnswer =
  | { readonly kind: 'graph'; readonly graph: BuildGraph }
  | { readonly kind: 'missing'; readonly references: readonly string[] };

/** DOCKERFILE_INVALID with its line. */
export function buildGraph(file: Dockerfile, options: GraphOptions): GraphAnswer {
  const builder = graphBuilder(file, options);
  const target = targetStage(file, options.target);
  const done = builder.stage(target);
  if (builder.missing.size > 0 || done === undefined) return { kind: 'missing', references: [...builder.missing] };
  return {
    kind: 'graph',
    graph: {
      vertices: builder.vertices,
      result: done.state.vertex,
      settings: done.state.settings,
      history: done.state.history,
      base: done.base,
      unusedArguments: unusedArguments(options.args, builder.named),
    },
  };
}

type Done = { readonly state: StageState; readonly base: string | null };

/** No file that a person wrote comes near it. */
const MAX_DEPTH = 500;

function graphBuilder(file: Dockerfile, options: GraphOptions) {
  const { escapeSign } = file.source;
  const vertices: Vertex[] = [];
  const missing = new Set<string>();
  const named = new Set(file.globals.flatMap(({ args }) => args.map(({ name }) => name)));
  const stages = new Map<number, Done | undefined>();
  const images = new Map<string, VertexId>();
  let depth = 0;
  const target = targetStage(file, options.target);
  const predefined = platformArguments(options.platform, target.name ?? String(target.index));
  const expandWith = (text: string, known: ReadonlyMap<string, string>) =>
    expandWord(text, { escapeSign, lookUp: (name) => known.get(name) ?? predefined.get(name) });
  const globals = globalArguments(file.globals, options.args, expandWith);
  const inherited = new Map([...predefined, ...globals]);

  const add = (op: Op, origin: Origin, label: Label): VertexId => {
    const id = vertices.length;
    const isFresh = options.noCache || options.noCacheFilter.some((name) => name === label.stage);
    vertices.push({ id, op, origin, stage: label.stage, isFresh, title: titleOf(origin, label) });
    return id;
  };

  const imageVertex = (reference: string, origin: Origin, label: Label): VertexId => {
    const known = images.get(reference);
    if (known !== undefined) return known;
    const id = add({ kind: 'image', reference }, origin, label);
    images.set(reference, id);
    return id;
  };

  const atLine = (origin: Origin, error: unknown): unknown => {
    if (!(error instanceof BerthError) || error.at !== undefined) return error;
    const { line, col } = origin;
    const finding = { line, col, message: error.message, hint: error.hint };
    const diagnostic = diagnosticOf(file.file, file.source.lines, finding);
    return new BerthError(error.code, error.message, {
      hint: error.hint,
      at: { file: file.file, line, col },
      diagnostics: [diagnostic],
      cause: error,
    });
  };

  /** undefined: an image must be known first. */
  const stage = (wanted: Stage): Done | undefined => {
    if (stages.has(wanted.index)) return stages.get(wanted.index);
    if (depth >= MAX_DEPTH) throw invalid(`more than ${MAX_DEPTH} stages stand on each other`);
    depth += 1;
    const done = expand(wanted);
    depth -= 1;
    stages.set(wanted.index, done);
    return done;
  };

  const expand = (wanted: Stage): Done | undefined => {
    const label = { stage: wanted.name ?? String(wanted.index), step: 0, count: countOf(wanted) };
    const start = begin(wanted, label);
    if (!start) return undefined;
    const scope = {
      escapeSign,
      given: options.args,
      inherited,
      proxies: proxyVariables(options.args),
      network: options.network,
      named,
      add: (op: Op, origin: Origin) => add(op, origin, { ...label, step: ++label.step }),
      resolveFrom: (word: string, origin: Origin) => resolveFrom(word, { wanted, origin, label }),
      at: atLine,
    };
    const triggers = start.state.settings.onBuild.map((text) => ({
      ...readTrigger(text, wanted.from.image),
      line: wanted.from.line,
      endLine: wanted.from.endLine,
      col: wanted.from.col,
    }));
    const cleared = { ...start.state, settings: { ...start.state.settings, onBuild: [] } };
    const state = expandStage(cleared, [...triggers, ...wanted.instructions], scope);
    return { state, base: start.base };
  };

  const begin = (wanted: Stage, label: Label & { step: number }): Done | undefined => {
    const { from } = wanted;
    label.step = 1;
    try {
      const word = expandWith(from.image, globals);
      if (from.platform !== null) checkPlatform(expandWith(from.platform, globals), options.platform);
      if (word === '') throw invalid('FROM is empty', `${from.image} has no value: give it with --build-arg`);
      return beginWith(word, wanted, label);
    } catch (error) {
      throw atLine(from, error);
    }
  };

  const fresh = (vertex: VertexId, settings: Settings, base: string | null): Done => ({
    state: { vertex, settings, history: [], args: new Map(), hasCmd: false },
    base,
  });

  const beginWith = (word: string, wanted: Stage, label: Label): Done | undefined => {
    const { from } = wanted;
    const context = options.contexts.get(word);
    if (context === null) return fresh(contextVertex(word, from, label), SCRATCH, null);
    const other = context === undefined ? findStage(file.stages, word, wanted.index) : undefined;
    if (other && (context === undefined || other.name === word.toLowerCase())) {
      const done = stage(other);
      if (!done) return undefined;
      return { state: { ...done.state, args: new Map(), hasCmd: false }, base: done.base };
    }
    if (word === 'scratch') return fresh(add({ kind: 'scratch' }, from, label), SCRATCH, null);
    const reference = context ?? word;
    const image = options.images.get(reference);
    if (!image) {
      missing.add(reference);
      return undefined;
    }
    return fresh(imageVertex(reference, from, label), settingsOf(image), reference);
  };

  /** A folder as a root filesystem: all of it, copied onto nothing. */
  const contextVertex = (name: string, origin: Origin, label: Label): VertexId => {
    const parent = add({ kind: 'scratch' }, origin, label);
    const files = { kind: 'files', from: { kind: 'context', name }, pattern: '/', unpack: false } as const;
    const plain = { chown: null, chmod: null, link: false, parents: false, exclude: [] };
    return add({ kind: 'copy', parent, sources: [files], target: '/', ...plain }, origin, label);
  };

  type From = { readonly wanted: Stage; readonly origin: Origin; readonly label: Label };

  const resolveFrom = (word: string, { wanted, origin, label }: From): FileSource => {
    if (word === '') throw invalid('--from is empty', 'the variable in it has no value here');
    const context = options.contexts.get(word);
    if (context === null) return { kind: 'context', name: word };
    const other = context === undefined ? findStage(file.stages, word, wanted.index) : undefined;
    if (other) {
      const done = stage(other);
      return { kind: 'vertex', id: done?.state.vertex ?? -1 };
    }
    refuseLater(word, wanted, context);
    const reference = context ?? word;
    if (!options.images.has(reference)) missing.add(reference);
    return { kind: 'vertex', id: imageVertex(reference, origin, label) };
  };

  /** A stage that comes later, or the stage itself, was meant rather than an image. */
  const refuseLater = (word: string, wanted: Stage, context: string | undefined): void => {
    if (context !== undefined) return;
    const later = findStage(file.stages, word);
    if (later?.name && later.index >= wanted.index) {
      const what = later.index === wanted.index ? 'this very stage' : `stage ${word}, which comes later`;
      throw invalid(`--from=${word} names ${what}`, 'only stages above can be used');
    }
    if (/^\d+$/.test(word)) throw invalid(`there is no stage ${word} above`);
  };

  return { vertices, missing, named, stage };
}

type Label = { readonly stage: string; readonly step: number; readonly count: number };

function countOf(stage: Stage): number {
  return 1 + stage.instructions.filter(({ kind }) => /^(run|copy|add|workdir)$/.test(kind)).length;
}

function titleOf({ text }: Origin, { stage, step, count }: Label): string {
  const line = text.split('\n', 1)[0]!.replace(/\s+/g, ' ');
  return `[${stage} ${step}/${Math.max(count, step)}] ${line.length > 160 ? `${line.slice(0, 159)}…` : line}`;
}

function checkPlatform(text: string, { os, arch, variant }: PlatformNames): void {
  const [wantedOs, wantedArch, wantedVariant = ''] = text.toLowerCase().split('/');
  const names: Readonly<Record<string, string>> = { x86_64: 'amd64', aarch64: 'arm64' };
  const sameArch = (names[wantedArch ?? ''] ?? wantedArch) === arch;
  if (wantedOs === os && sameArch && (wantedVariant === '' || variant === '' || wantedVariant === variant)) return;
  throw invalid(`platform ${text} can not be built here: this machine is ${os}/${arch}`, 'leave --platform away');
}

function invalid(message: string, hint?: string): BerthError {
  return new BerthError('DOCKERFILE_INVALID', message, { hint });
}
