/**
 * One build: Dockerfile -> graph -> solved layers -> an image with names.
 *
 * The engine lends the drivers; everything that belongs to this build alone
 * (fetched contexts, temporary folders) is gone when it ends.
 */
import { BerthError, type Diagnostic } from '../base/errors.ts';
import { failpoint } from '../base/failpoint.ts';
import { CACHE_IN_CONFIG, HOST_BASE, type OciHistory, type OciImage } from '../image/image-config.ts';
import type { MadeImage } from '../image/make-image.ts';
import type { StoredLayer } from '../image/stage-layer.ts';
import type { CacheFrom, CacheTo } from '../model/cache-place.ts';
import type { UserEnvironment } from '../registry/docker-config.ts';
import type { OciProcess } from '../runtime/spec.ts';
import { type CacheContents, contentsOf } from './cache/cache-contents.ts';
import type { OpenCache } from './cache/open-local-cache.ts';
import { type SharedCache, sharedCache } from './cache/shared-cache.ts';
import { cacheWarning, openCaches, sendCaches, type Transfer } from './cache/transfer-cache.ts';
import type { FolderContext } from './context/folder-context.ts';
import { openContexts } from './context/open-contexts.ts';
import { diagnosticOf } from './dockerfile/problems.ts';
import type { Dockerfile } from './dockerfile/stages.ts';
import { baseImages, type FoundImage } from './graph/base-images.ts';
import { type BuildGraph, buildGraph } from './graph/build-graph.ts';
import { configOf } from './graph/image-settings.ts';
import type { Vertex } from './graph/op.ts';
import { lint } from './lint/lint.ts';
import { stepsOf } from './provenance.ts';
import { type BuildOutput, exportRoot } from './solve/export-root.ts';
import type { Rootfs } from './solve/rootfs.ts';
import { type Solver, solver } from './solve/solver.ts';
import type { BuildHost, Solving } from './solve/solving.ts';

/** Where files come from. */
export type ContextPlace =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'git'; readonly url: string }
  | { readonly kind: 'image'; readonly reference: string }
  /** A tar, packed or not. */
  | { readonly kind: 'archive'; readonly path: string }
  /** Of a tar, or of a Dockerfile that needs no other file. */
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'none' };

export type DockerfilePlace =
  | { readonly kind: 'file'; readonly path: string }
  /** Relative to the context. */
  | { readonly kind: 'in-context'; readonly path: string }
  | { readonly kind: 'inline'; readonly text: string; readonly title: string };

export type BuildRequest = {
  readonly context: ContextPlace;
  readonly dockerfile: DockerfilePlace;
  readonly target: string | null;
  readonly args: Readonly<Record<string, string>>;
  readonly contexts: Readonly<Record<string, ContextPlace>>;
  /** Names of the image; none: only the cache keeps the result. */
  readonly names: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Where the files of the result go as well; null: nowhere. */
  readonly output: BuildOutput | null;
  /** `linux/amd64`; none: this machine's. */
  readonly platforms: readonly string[];
  readonly noCache: boolean;
  readonly noCacheFilter: readonly string[];
  /** Of the person who asks, for registries. */
  readonly env: UserEnvironment;
  /** Ask registries for newer images. */
  readonly pull: boolean;
  readonly network: 'default' | 'none' | 'host';
  readonly secrets: readonly { readonly id: string; readonly base64: string }[];
  readonly agents: readonly { readonly id: string; readonly socket: string }[];
  readonly extraHosts: Readonly<Record<string, readonly string[]>>;
  readonly shmBytes: number | null;
  readonly ulimits: Readonly<Record<string, { readonly soft: number; readonly hard: number }>>;
  /** Asked in this order for what the engine's own cache does not have. */
  readonly cacheFrom: readonly CacheFrom[];
  readonly cacheTo: readonly CacheTo[];
  /** Of the image's manifest. */
  readonly annotations: Readonly<Record<string, string>>;
  /** What a step may use; null: no limit. */
  readonly memoryBytes: number | null;
};

export type BuildEvent =
  | { readonly kind: 'step-started'; readonly step: number; readonly title: string }
  | { readonly kind: 'step-done'; readonly step: number; readonly ms: number; readonly cached: boolean }
  | { readonly kind: 'step-failed'; readonly step: number; readonly ms: number }
  /** Whole lines. */
  | { readonly kind: 'output'; readonly step: number; readonly text: string }
  | { readonly kind: 'warning'; readonly diagnostic: Diagnostic };

export type BuildResult = {
  /** Digest of the image's config. */
  readonly id: string;
  /** Digest of its manifest. */
  readonly digest: string;
  readonly names: readonly string[];
  readonly layers: number;
  readonly steps: number;
  readonly cachedSteps: number;
  readonly sizeBytes: number;
};

export type BuildWatch = { readonly signal: AbortSignal; readonly onEvent: (event: BuildEvent) => void };

/** 1980-01-01: the first day that zip archives can name. SOURCE_DATE_EPOCH is used instead where it is given. */
const DEFAULT_EPOCH_S = 315_532_800;

/** DOCKERFILE_INVALID, BUILD_FAILED (with its line), IMAGE_NOT_FOUND, ABORTED. */
export async function build(host: BuildHost, request: BuildRequest, watch: BuildWatch): Promise<BuildResult> {
  const { signal, onEvent } = watch;
  const onWarning = (diagnostic: Diagnostic) => onEvent({ kind: 'warning', diagnostic });
  const transfer: Transfer = { images: host.images, env: request.env, signal, onWarning };
  refuseNul(request);
  const sources = await openCaches(request.cacheFrom, transfer);
  try {
    const onFailure = ({ title }: OpenCache, error: unknown) =>
      onWarning(cacheWarning(`a step is not taken from ${title}`, error));
    const cache = sharedCache(host.cache, { images: host.images, sources, signal, onFailure });
    const { result, layers } = await buildWith({ ...host, cache }, request, watch);
    await sendCaches(request.cacheTo, { used: cache.used, result: layers }, transfer);
    return result;
  } finally {
    for (const source of sources) source.close();
  }
}

/** Arguments become variables of programs. */
function refuseNul({ args, labels }: BuildRequest): void {
  const found = [...Object.entries(args), ...Object.entries(labels)].find((pair) => pair.join('').includes('\0'));
  if (!found) return;
  throw new BerthError('REQUEST_INVALID', `the value of ${found[0].replaceAll('\0', '')} has a NUL character in it`);
}

type Lent = BuildHost & { readonly cache: SharedCache };

async function buildWith(host: Lent, request: BuildRequest, watch: BuildWatch) {
  const contexts = openContexts(host, request, watch.signal);
  try {
    const { file, main } = await contexts.dockerfile();
    const { graph, images } = await graphOf(host, file, request, watch.signal);
    for (const diagnostic of [...lint(file, graph), ...unused(file, graph)])
      watch.onEvent({ kind: 'warning', diagnostic });
    const { counts, onEvent } = counted(watch);
    const epochS = epochOf(request);
    const folders = contexts.folders;
    const solving = solvingOf(host, request, { signal: watch.signal, onEvent, epochS, contexts: folders, main });
    const steps = solver(solving, {
      vertices: graph.vertices,
      openImage: async (reference) => images.get(reference)!.root,
      atLine: (vertex, error) => atLine(file, vertex, error),
    });
    const { root } = await steps.solve(graph.result);
    if (request.output) await exportRoot(host, root, { output: request.output, signal: watch.signal });
    const base = graph.base === null ? undefined : images.get(graph.base);
    const layers = new Set(root.layers.map(({ diffId }) => diffId));
    const isInline = request.cacheTo.some(({ kind }) => kind === 'inline');
    const inline = isInline ? contentsOf(host.cache.used, { mode: 'min', result: layers }) : null;
    const image = await imageOf({ graph, request, base, steps, epochS, root, inline });
    failpoint('build.solved');
    const made = await host.images.makeImage({
      image,
      layers: root.layers,
      names: request.names,
      annotations: request.annotations,
    });
    await host.provenance.keep(made.id, {
      dockerfile: file.file,
      target: request.target,
      base: graph.base,
      builtAt: new Date().toISOString(),
      steps: stepsOf(graph.history, counts.hits),
    });
    const result = { ...resultOf(request, made, root.layers), steps: counts.steps, cachedSteps: counts.cached };
    return { result, layers };
  } finally {
    await contexts.close();
  }
}

function counted(watch: BuildWatch) {
  const counts = { steps: 0, cached: 0, hits: new Map<number, boolean>() };
  const onEvent = (event: BuildEvent) => {
    if (event.kind === 'step-done') counts.hits.set(event.step, event.cached);
    if (event.kind === 'step-done') counts.steps += 1;
    if (event.kind === 'step-done' && event.cached) counts.cached += 1;
    watch.onEvent(event);
  };
  return { counts, onEvent };
}

/** What `--check` finds: the Dockerfile and its graph are read, nothing is run. */
export async function check(host: BuildHost, request: BuildRequest, signal: AbortSignal): Promise<Diagnostic[]> {
  const contexts = openContexts(host, request, signal);
  try {
    const { file } = await contexts.dockerfile();
    const { graph } = await graphOf(host, file, request, signal);
    return [...lint(file, graph), ...unused(file, graph)];
  } finally {
    await contexts.close();
  }
}

/** Images are looked for until the graph knows all of them: a trigger of one may name another. */
async function graphOf(host: BuildHost, file: Dockerfile, request: BuildRequest, signal: AbortSignal) {
  const contexts = Object.entries(request.contexts).map(
    ([name, place]) => [name, place.kind === 'image' ? place.reference : null] as const,
  );
  const known = baseImages(host, file, { pull: request.pull, env: request.env, signal });
  for (;;) {
    const answer = buildGraph(file, {
      target: request.target,
      args: new Map(Object.entries(request.args)),
      platform: host.platform,
      network: request.network,
      noCache: request.noCache,
      noCacheFilter: request.noCacheFilter,
      contexts: new Map(contexts),
      images: known.configs,
    });
    if (answer.kind === 'graph') return { graph: answer.graph, images: known.found };
    await known.find(answer.references);
  }
}

function epochOf({ args }: BuildRequest): number {
  const given = args.SOURCE_DATE_EPOCH;
  if (given === undefined || given === '') return DEFAULT_EPOCH_S;
  if (/^\d{1,11}$/.test(given)) return Number(given);
  throw new BerthError('REQUEST_INVALID', `SOURCE_DATE_EPOCH=${given} is no number of seconds`, {
    hint: 'give the output of `git log -1 --format=%ct`',
  });
}

type Parts = Pick<Solving, 'signal' | 'onEvent' | 'epochS' | 'contexts'> & {
  readonly main: () => Promise<FolderContext>;
};

function solvingOf(host: BuildHost, request: BuildRequest, { main, contexts, ...parts }: Parts) {
  const own = request.context.kind === 'none' ? [] : [['', main] as const];
  return (rootOf: Solving['rootOf']): Solving => ({
    ...parts,
    host,
    rootOf,
    contexts: new Map([...contexts, ...own]),
    secrets: request.secrets.map(({ id, base64 }) => ({ id, value: Buffer.from(base64, 'base64') })),
    agents: request.agents,
    extraHosts: request.extraHosts,
    shmBytes: request.shmBytes,
    memoryBytes: request.memoryBytes,
    rlimits: rlimitsOf(request),
    emptyFolder: host.emptyFolder,
  });
}

function rlimitsOf({ ulimits }: BuildRequest): OciProcess['rlimits'] {
  return Object.entries(ulimits).map(([name, { soft, hard }]) => ({
    type: `RLIMIT_${name.toUpperCase()}`,
    soft,
    hard,
  }));
}

type Assembly = {
  readonly graph: BuildGraph;
  readonly request: BuildRequest;
  readonly base: FoundImage | undefined;
  readonly steps: Solver;
  readonly epochS: number;
  readonly root: Rootfs;
  /** A cache that goes with the image. */
  readonly inline: CacheContents | null;
};

async function imageOf({
  graph,
  request,
  base,
  steps,
  epochS,
  root,
  inline,
}: Assembly): Promise<Omit<OciImage, 'rootfs'>> {
  const { settings } = graph;
  const created = new Date(epochS * 1000).toISOString().replace('.000Z', 'Z');
  const history = await Promise.all(
    graph.history.map(async ({ createdBy, vertex }): Promise<OciHistory> => {
      const isEmpty = vertex === null || (await steps.solve(vertex)).layer === null;
      return { created, created_by: createdBy, comment: 'berth', ...(isEmpty ? { empty_layer: true } : {}) };
    }),
  );
  const labels = { ...settings.labels, ...request.labels };
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  return {
    created,
    ...(settings.author === null ? {} : { author: settings.author }),
    architecture,
    os: 'linux',
    ...(root.host === null ? {} : { [HOST_BASE]: 'host' }),
    config: configOf({ ...settings, labels }),
    history: [...(base?.image.history ?? []), ...history],
    ...(inline === null ? {} : { [CACHE_IN_CONFIG]: inline }),
  };
}

function resultOf({ names }: BuildRequest, { id, manifest }: MadeImage, layers: readonly StoredLayer[]) {
  const sizeBytes = layers.reduce((sum, { descriptor }) => sum + descriptor.size, 0);
  return { id, digest: manifest.digest, names, layers: layers.length, sizeBytes };
}

/** A step's failure at its instruction, with the source line. */
function atLine(file: Dockerfile, { origin }: Vertex, error: unknown): unknown {
  if (!(error instanceof BerthError) || error.at !== undefined || error.code === 'ABORTED') return error;
  const { line, col } = origin;
  const finding = { line, col, message: error.message, hint: error.hint };
  return new BerthError(error.code === 'INTERNAL' ? 'INTERNAL' : 'BUILD_FAILED', error.message, {
    hint: error.hint,
    at: { file: file.file, line, col },
    diagnostics: [diagnosticOf(file.file, file.source.lines, finding)],
    cause: error,
  });
}

function unused(file: Dockerfile, { unusedArguments }: BuildGraph): Diagnostic[] {
  if (unusedArguments.length === 0) return [];
  return [
    {
      severity: 'warning',
      message: `build arguments that no ARG names: ${unusedArguments.join(', ')}`,
      at: { file: file.file, line: 1, col: 1 },
      hint: 'write ARG NAME where the value is needed',
    },
  ];
}
