/**
 * Tables of another loader's functions, when they are beside the repository: every row.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { canonicalTree } from '../../../src/stackfile/canonical.ts';
import { collectFindings, reportAt } from '../../../src/stackfile/findings.ts';
import { interpolate } from '../../../src/stackfile/interpolate.ts';
import { mergeTrees } from '../../../src/stackfile/merge-trees.ts';
import { normalizeTree } from '../../../src/stackfile/normalize.ts';
import { parseYaml } from '../../../src/stackfile/parse-yaml.ts';
import { resolveEnvironment } from '../../../src/stackfile/resolve-environment.ts';
import { parseShortPort } from '../../../src/stackfile/short-port.ts';
import { parseShortVolume } from '../../../src/stackfile/short-volume.ts';
import { type MapTree, plainValue, type Tree, valueAt, withEntry } from '../../../src/stackfile/tree.ts';

const DATA = fileURLToPath(new URL('../../../../shared/data/loader-cases', import.meta.url));
const present = existsSync(DATA);
const title = (text: string) => (present ? text : `${text} (skipped: ../shared/data is not there)`);

function rowsOf<T>(file: string): T[] {
  const lines = readFileSync(join(DATA, `${file}.jsonl`), 'utf8')
    .trim()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as T);
}

function treeOf(text: string): MapTree {
  return parseYaml(text, '/stack.yaml', collectFindings())![0]!;
}

function canonical(tree: Tree | undefined): MapTree {
  const report = reportAt(collectFindings(), tree!);
  return canonicalTree(tree as MapTree, { report, ports: { count: 0 } });
}

const plain = (tree: Tree) => JSON.parse(JSON.stringify(plainValue(tree))) as unknown;

type MergeRow = { in: [string, string]; out: string };

test.skipIf(!present)(title('the table of merges'), () => {
  const rows = rowsOf<MergeRow>('merge');
  const wrong = rows.filter(({ in: [base, over], out }) => {
    const merged = mergeTrees(mergeTrees(undefined, treeOf(base)), treeOf(over));
    return !isDeepStrictEqual(plain(canonical(merged)), plain(canonical(treeOf(out))));
  });

  expect(wrong).toEqual([]);
  expect(rows).toHaveLength(23);
});

type Row<In, Out> = { in: In; out?: Out; error?: string };

test.skipIf(!present)(title('the table of ports'), () => {
  type Port = { mode: string; target: number; published?: string; protocol: string };
  const rows = rowsOf<Row<string, Port[]>>('port');
  const wrong = rows.filter(({ in: text, out, error }) => {
    const parsed = parseShortPort(text);
    if (error !== undefined || typeof parsed === 'string') return typeof parsed !== 'string' || error === undefined;
    return !isDeepStrictEqual(
      parsed.map((one) => ({ mode: 'ingress', ...one })),
      out,
    );
  });

  expect(wrong).toEqual([]);
  expect(rows).toHaveLength(17);
});

test.skipIf(!present)(title('the table of mounts'), () => {
  type Bind = { propagation?: string; selinux?: string };
  type Volume = { type: string; source?: string; target: string; read_only?: boolean } & {
    bind?: Bind;
    volume?: { nocopy?: boolean };
  };
  const rows = rowsOf<Row<string, Volume>>('volume');
  const wrong = rows.filter(({ in: text, out, error }) => {
    const parsed = parseShortVolume(text);
    if (error !== undefined || typeof parsed === 'string') return typeof parsed !== 'string' || error === undefined;
    const { unknown: _, ...found } = parsed;
    const { type, source, target, read_only: readOnly = false, bind, volume } = out!;
    const { propagation, selinux } = bind ?? {};
    const wanted = { type, source, target, readOnly, nocopy: volume?.nocopy ?? false, propagation, selinux };
    return !isDeepStrictEqual(found, wanted);
  });

  expect(wrong).toEqual([]);
  expect(rows).toHaveLength(41);
});

type Lookups = Record<string, string | null>;
const known = (values: Lookups) =>
  Object.fromEntries(Object.entries(values).flatMap(([key, value]) => (value === null ? [] : [[key, value]])));

test.skipIf(!present)(title('the table of variables in trees'), () => {
  const rows = rowsOf<Row<{ config: Record<string, unknown>; lookups: Lookups }, unknown>>('interpolate');
  const wrong = rows.filter(({ in: { config, lookups }, out, error }) => {
    let failed = false;
    const walk = (value: unknown): unknown => {
      if (typeof value === 'object' && value !== null)
        return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner)]));
      const result = interpolate(String(value), known(lookups));
      if (result.kind === 'text') return result.text;
      failed = true;
      return undefined;
    };
    const found = walk(config);
    /* What a shape takes for a number or a boolean becomes one later. */
    const wanted = out === undefined ? undefined : walk(out);
    return error === undefined ? !isDeepStrictEqual(found, wanted) : !failed;
  });

  expect(wrong).toEqual([]);
  expect(rows).toHaveLength(13);
});

type NormalizeIn = { env: Record<string, string>; model: { name: string } };

test.skipIf(!present)(title('the table of defaults'), () => {
  const rows = rowsOf<Row<NormalizeIn, unknown>>('normalize');
  const wrong = rows.filter(({ in: { env, model }, out }) => {
    if (out === undefined) return false;
    const tree = normalizeTree(canonical(treeOf(JSON.stringify(model))), model.name);
    const services = valueAt(tree, 'services');
    const filled =
      services?.kind === 'map'
        ? withEntry(
            tree,
            'services',
            resolveEnvironment(services, { variables: env, findings: collectFindings() }, true),
          )
        : tree;
    return !isDeepStrictEqual(comparable(plain(filled)), comparable(plain(canonical(treeOf(JSON.stringify(out))))));
  });

  expect(wrong.map((row) => JSON.stringify(row.in.model))).toEqual([]);
  expect(rows).toHaveLength(32);
});

/** Before normalizing some of theirs is not canonical yet: a `restart` of false, nothing at all. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(([key, inner]) => !(key === 'restart' && inner === false) && key !== 'extends')
    .map(([key, inner]) => [key, comparable(inner)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
