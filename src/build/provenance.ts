/**
 * How an image came to be on this machine: the line of each step, what it stands on, what the cache gave.
 *
 * Beside the image, not in it: a comment above a step or a hit of the cache
 * must not make another image. One file an image, replaced by each build that
 * gives it; gone with the image when there is an end of it to be seen: at a start, and when the cache is pruned.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readState, writeState } from '../base/atomic-file.ts';
import { BerthError } from '../base/errors.ts';
import type { HistoryEntry } from './graph/expand-stage.ts';
import type { VertexId } from './graph/op.ts';

export type Provenance = {
  readonly dockerfile: string;
  readonly target: string | null;
  /** What FROM names; null: scratch. */
  readonly base: string | null;
  /** RFC 3339. */
  readonly builtAt: string;
  /** The image's own steps, the oldest first. */
  readonly steps: readonly ProvenanceStep[];
};

export type ProvenanceStep = {
  readonly line: number;
  readonly step: string;
  /** null: nothing was run for it. */
  readonly cached: boolean | null;
};

export type ProvenanceStore = {
  /** Removes what is of images that are gone. */
  tidy(): Promise<void>;
  keep(image: string, provenance: Provenance): Promise<void>;
  /** undefined: it was not built here. */
  find(image: string): Promise<Provenance | undefined>;
};

const SCHEMA = 1;

export function provenanceStore(folder: string, blobPath: (digest: string) => string): ProvenanceStore {
  const pathOf = (image: string) => join(folder, `${image.replace(/^sha256:/, '')}.json`);
  return {
    async tidy() {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      for (const name of await readdir(folder)) {
        const hex = /^([0-9a-f]{64})\.json$/.exec(name)?.[1];
        if (hex === undefined || !existsSync(blobPath(`sha256:${hex}`))) await rm(join(folder, name), { force: true });
      }
    },
    /* A power cut may take it: it is asked for by people only. */
    keep: (image, provenance) => writeState(pathOf(image), SCHEMA, provenance, { durable: false }),
    async find(image) {
      if (!/^sha256:[0-9a-f]{64}$/.test(image)) return undefined;
      try {
        return await readState<Provenance>(pathOf(image), SCHEMA);
      } catch (error) {
        if (error instanceof BerthError && error.code === 'STATE_CORRUPT') return undefined;
        throw error;
      }
    },
  };
}

/** `hits`: steps that were run or found, and whether they were found. */
export function stepsOf(history: readonly HistoryEntry[], hits: ReadonlyMap<VertexId, boolean>): ProvenanceStep[] {
  return history.map(({ createdBy, line, vertex }) => ({
    line,
    step: createdBy,
    cached: vertex === null ? null : (hits.get(vertex) ?? null),
  }));
}
