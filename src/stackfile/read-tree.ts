/**
 * Files -> one tree: parsed, variables replaced, `extends` and `include` followed, later files over earlier ones.
 */
import { readFileSync } from 'node:fs';
import { extendServices } from './extend-services.ts';
import type { Findings } from './findings.ts';
import { includeFiles } from './include-files.ts';
import type { Variables } from './interpolate.ts';
import { mergeTrees } from './merge-trees.ts';
import { parseYaml } from './parse-yaml.ts';
import { resolveVariables } from './resolve-variables.ts';
import type { MapTree } from './tree.ts';

export type Reading = {
  readonly findings: Findings;
  readonly variables: Variables;
  /** What relative paths in the files start from. */
  readonly folder: string;
  /** The files that led here, by `include`. */
  readonly chain: readonly string[];
};

/** undefined when one of them could not be read; the findings say why. */
export function readMerged(files: readonly string[], reading: Reading): MapTree | undefined {
  const trees = files.flatMap((file) => readTree(file, reading) ?? []);
  const [first, ...others] = trees;
  if (!first || trees.length < files.length) return undefined;
  const over = (base: MapTree | undefined, tree: MapTree) => mergeTrees(base, tree) as MapTree | undefined;
  const merged = others.reduce<MapTree>((base, tree) => over(base, tree) ?? base, first);
  /* What the tags of a single file say is done as well. */
  return over(undefined, merged) ?? merged;
}

function readTree(file: string, reading: Reading): MapTree | undefined {
  const tree = readPlain(file, reading);
  if (!tree) return undefined;
  const extended = extendServices({ file, folder: reading.folder, tree }, reading.findings, (path) =>
    readPlain(path, reading),
  );
  return includeFiles(extended, { ...reading, chain: [...reading.chain, file] }, readMerged);
}

function readPlain(file: string, { findings, variables }: Reading): MapTree | undefined {
  const text = readFileSync(file === '-' ? 0 : file, 'utf8');
  findings.addSource(file, text);
  const tree = parseYaml(text, file, findings);
  return tree && resolveVariables(tree, { variables, findings });
}
