/**
 * The graph of a build: vertices, each a root filesystem made of others.
 *
 * Pure data. Variables are put in, stages are resolved; what is left to the
 * solver is to look at content and to run things.
 */
import type { Origin, RunMount } from '../dockerfile/instruction.ts';

export type VertexId = number;

export type Vertex = {
  readonly id: VertexId;
  /** For people: `[web 2/4] RUN npm ci`. */
  readonly title: string;
  /** Name or number of its stage. */
  readonly stage: string;
  readonly origin: Origin;
  readonly op: Op;
  /** Run even when the cache has it. */
  readonly isFresh: boolean;
};

export type Op =
  /** An image of the store, or `host`. */
  | { readonly kind: 'image'; readonly reference: string }
  | { readonly kind: 'scratch' }
  | RunOp
  | CopyOp
  /** Makes the folder when it is not there. */
  | { readonly kind: 'workdir'; readonly parent: VertexId; readonly path: string; readonly user: string };

export type RunOp = {
  readonly kind: 'run';
  readonly parent: VertexId;
  readonly argv: readonly string[];
  /** `NAME=VALUE`, in order. */
  readonly env: readonly string[];
  /** As env, but no part of the cache's key: proxies. */
  readonly passedEnv: readonly string[];
  readonly user: string;
  readonly cwd: string;
  readonly network: 'default' | 'none' | 'host';
  readonly mounts: readonly ResolvedMount[];
  /** Files put where the step can see them: heredocs with a `#!`. */
  readonly files: readonly { readonly path: string; readonly content: string }[];
};

/** A mount, and the files it shows (null: what it names needs none). */
export type ResolvedMount = { readonly mount: RunMount; readonly from: FileSource | null };

export type CopyOp = {
  readonly kind: 'copy';
  readonly parent: VertexId;
  readonly sources: readonly CopySource[];
  /** Absolute; with `/` at the end when it was written so. */
  readonly target: string;
  /** `user`, `user:group`, names or numbers; null: root. */
  readonly chown: string | null;
  readonly chmod: string | null;
  readonly link: boolean;
  readonly parents: boolean;
  readonly exclude: readonly string[];
};

export type CopySource =
  | { readonly kind: 'files'; readonly from: FileSource; readonly pattern: string; readonly unpack: boolean }
  | { readonly kind: 'inline'; readonly name: string; readonly content: string }
  | { readonly kind: 'url'; readonly url: string; readonly checksum: string | null; readonly unpack: boolean }
  | { readonly kind: 'git'; readonly url: string; readonly keepGitDir: boolean; readonly checksum: string | null };

/** Where files come from: a root filesystem of the graph, or a context by its name (empty: the build's own). */
export type FileSource =
  | { readonly kind: 'vertex'; readonly id: VertexId }
  | { readonly kind: 'context'; readonly name: string };
