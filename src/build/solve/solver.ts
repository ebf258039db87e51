/**
 * Walks the graph from its result: each vertex once, independent ones side by side.
 *
 * Decides nothing about content: a step's own file makes its key, the cache
 * says whether it is there, and only then it runs.
 */
import { BerthError } from '../../base/errors.ts';
import type { StoredLayer } from '../../image/stage-layer.ts';
import type { Vertex, VertexId } from '../graph/op.ts';
import { leaseOf } from './build-cache.ts';
import { type PreparedStep, prepareCopy, prepareWorkdir } from './copy-step.ts';
import { EMPTY_ROOT, type Rootfs } from './rootfs.ts';
import { prepareRun } from './run-step.ts';
import type { Solving } from './solving.ts';

export type Solved = { readonly root: Rootfs; readonly layer: StoredLayer | null };

export type Solver = { solve(vertex: VertexId): Promise<Solved> };

export type SolverOptions = {
  readonly vertices: readonly Vertex[];
  /** The layers of an image. */
  readonly openImage: (reference: string) => Promise<Rootfs>;
  /** A failure with the line of its step. */
  readonly atLine: (vertex: Vertex, error: unknown) => unknown;
};

export function solver(makeSolving: (rootOf: Solving['rootOf']) => Solving, options: SolverOptions): Solver {
  const { vertices, openImage, atLine } = options;
  const solved = new Map<VertexId, Promise<Solved>>();
  const solve = (id: VertexId): Promise<Solved> => {
    const known = solved.get(id);
    if (known) return known;
    const promise = solveVertex(vertices[id]!);
    /* Awaited by whoever needs it; started early, it may fail before. */
    promise.catch(() => {});
    solved.set(id, promise);
    return promise;
  };
  const solving = makeSolving(async (id) => (await solve(id)).root);

  const solveVertex = async (vertex: Vertex): Promise<Solved> => {
    /* Each in a turn of its own: a chain of thousands of steps would be as many calls deep. */
    await null;
    try {
      for (const id of inputsOf(vertex)) void solve(id);
      const { op } = vertex;
      if (op.kind === 'scratch') return { root: EMPTY_ROOT, layer: null };
      if (op.kind === 'image') return await timed(vertex, () => openedImage(op.reference));
      await Promise.all(inputsOf(vertex).map(solve));
      const parent = (await solve(op.parent)).root;
      const layer = await runStep(vertex, parent);
      return { root: layer ? { ...parent, layers: [...parent.layers, layer] } : parent, layer };
    } catch (error) {
      throw atLine(vertex, error);
    }
  };

  const openedImage = async (reference: string): Promise<Solved> => ({ root: await openImage(reference), layer: null });

  const timed = async <T>({ id, title }: Vertex, work: () => Promise<T>): Promise<T> => {
    const startedAt = performance.now();
    solving.onEvent({ kind: 'step-started', step: id, title });
    try {
      const result = await work();
      solving.onEvent({ kind: 'step-done', step: id, ms: performance.now() - startedAt, cached: false });
      return result;
    } catch (error) {
      solving.onEvent({ kind: 'step-failed', step: id, ms: performance.now() - startedAt });
      throw error;
    }
  };

  const runStep = async (vertex: Vertex, parent: Rootfs): Promise<StoredLayer | null> => {
    if (solving.signal.aborted) throw new BerthError('ABORTED', 'interrupted');
    const startedAt = performance.now();
    solving.onEvent({ kind: 'step-started', step: vertex.id, title: vertex.title });
    const state = { cached: false };
    try {
      const prepared = await prepare(vertex, parent);
      const layer = await take(vertex, prepared, state).finally(prepared.discard);
      solving.onEvent({ kind: 'step-done', step: vertex.id, ms: performance.now() - startedAt, cached: state.cached });
      return layer;
    } catch (error) {
      solving.onEvent({ kind: 'step-failed', step: vertex.id, ms: performance.now() - startedAt });
      throw error;
    }
  };

  const prepare = async ({ op, id }: Vertex, parent: Rootfs): Promise<PreparedStep> => {
    if (op.kind === 'run') return await prepareRun(solving, op, { parent, vertex: id });
    if (op.kind === 'copy') return await prepareCopy(solving, op, parent);
    if (op.kind === 'workdir') return await prepareWorkdir(solving, op, parent);
    throw new Error(`${op.kind} is no step`);
  };

  /** From the cache, from another build that is at it, or by running it. */
  const take = async (
    vertex: Vertex,
    prepared: PreparedStep,
    state: { cached: boolean },
  ): Promise<StoredLayer | null> => {
    const { cache } = solving.host;
    const known = vertex.isFresh ? undefined : await cache.find(prepared.key);
    if (known?.kind === 'layer') {
      state.cached = true;
      return known.layer;
    }
    return await cache.once(prepared.key, async () => {
      const layer = await prepared.run(leaseOf(prepared.key));
      const createdAt = new Date().toISOString();
      await cache.put(prepared.key, { kind: 'layer', layer, title: vertex.title, createdAt });
      return layer;
    });
  };

  return { solve };
}

/** What a vertex will need: all of it can begin at once. */
function inputsOf({ op }: Vertex): VertexId[] {
  if (op.kind === 'image' || op.kind === 'scratch') return [];
  const sources =
    op.kind === 'copy'
      ? op.sources.flatMap((source) =>
          source.kind === 'files' && source.from.kind === 'vertex' ? [source.from.id] : [],
        )
      : op.kind === 'run'
        ? op.mounts.flatMap(({ from }) => (from?.kind === 'vertex' ? [from.id] : []))
        : [];
  return [op.parent, ...sources];
}
