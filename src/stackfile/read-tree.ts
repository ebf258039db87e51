/**
 * Files -> one tree: parsed, variables replaced, `extends` and `include` followed, later files over earlier ones.
 */
import { extendServices } from './extend-services.ts';
import type { Findings } from './findings.ts';
import { includeFiles } from './include-files.ts';
import type { Variables } from './interpolate.ts';
import { mergeTrees, uniqueItems } from './merge-trees.ts';
import type { OpenFile } from './open-files.ts';
import type { RemoteFiles } from './remote-files.ts';
import { keepVariables, resolveVariables } from './resolve-variables.ts';
import type { MapTree } from './tree.ts';

export type Reading = {
  readonly findings: Findings;
  readonly variables: Variables;
  /** Variables are left as they are written. */
  readonly plain: boolean;
  /** What relative paths in the files start from. */
  readonly folder: string;
  /** The files that led here, by `include`. */
  readonly chain: readonly string[];
  readonly open: OpenFile;
  readonly remote: RemoteFiles;
};

/** undefined when one of them could not be read; the findings say why. */
export function readMerged(files: readonly string[], reading: Reading): MapTree | undefined {
  const layers = files.map((file) => readFile(file, reading));
  if (layers.includes(undefined)) return undefined;
  return mergeLayers(layers.flatMap((trees) => trees ?? []));
}

/** Later ones over earlier ones; what the tags of a single one say is done as well. */
function mergeLayers([first, ...others]: readonly MapTree[]): MapTree | undefined {
  if (!first) return undefined;
  const over = (base: MapTree | undefined, tree: MapTree) => mergeTrees(base, tree) as MapTree | undefined;
  return others.reduce((base, tree) => over(base, tree) ?? base, over(undefined, first) ?? first);
}

/** A tree for each YAML document of the file. */
function readFile(file: string, reading: Reading): readonly MapTree[] | undefined {
  const documents = readPlain(file, reading);
  return documents?.map((tree) => {
    const extended = extendServices({ file, folder: reading.folder, tree }, reading, (path) => {
      const others = readPlain(path, reading);
      return others && mergeLayers(others);
    });
    return includeFiles(uniqueItems(extended), { ...reading, chain: [...reading.chain, file] }, readMerged);
  });
}

function readPlain(file: string, { findings, variables, plain, open }: Reading): readonly MapTree[] | undefined {
  const documents = open(file);
  return documents?.map((tree) => (plain ? keepVariables(tree) : resolveVariables(tree, { variables, findings })));
}
