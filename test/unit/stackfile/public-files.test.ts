/**
 * Stack files of public projects and tables of another implementation's cases, when they are beside the repository.
 *
 * All of them pass; the numbers say how many there are.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { BerthError } from '../../../src/base/errors.ts';
import { parseDotenv } from '../../../src/stackfile/dotenv.ts';
import { interpolate } from '../../../src/stackfile/interpolate.ts';
import { type LoadRequest, loadStack } from '../../../src/stackfile/load-stack.ts';
import { printCanonical } from '../../../src/stackfile/print-canonical.ts';

const DATA = fileURLToPath(new URL('../../../../shared/data', import.meta.url));
const present = existsSync(join(DATA, 'loader-cases/load.jsonl'));
const scratch = mkdtempSync(join(tmpdir(), 'berth-public-files-'));
const TREE = join(scratch, 'tree');
if (present) cpSync(join(DATA, 'loader-cases/tree'), TREE, { recursive: true });

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const title = (text: string) => (present ? text : `${text} (skipped: ../shared/data is not there)`);

type Case = {
  readonly id: string;
  readonly accepted: boolean;
  readonly config?: string;
  readonly request: Partial<LoadRequest>;
};

type Verdict = 'equal' | 'differs' | 'refused' | 'refused wrongly' | 'taken wrongly';

async function judge({ accepted, config, request }: Case): Promise<Verdict> {
  try {
    const { canonical } = await loadStack({
      cwd: TREE,
      env: {},
      files: [],
      profiles: [],
      envFiles: [],
      readOnly: true,
      ...request,
    });
    if (!accepted) return 'taken wrongly';
    const wanted = parse(placed(config ?? ''), { merge: true }) as unknown;
    return isDeepStrictEqual(comparable(parse(printCanonical(canonical))), comparable(wanted)) ? 'equal' : 'differs';
  } catch (error) {
    if (!(error instanceof BerthError)) throw error;
    return accepted ? 'refused wrongly' : 'refused';
  }
}

function placed(text: string): string {
  return text.replaceAll('${TREE}', TREE).replaceAll('${CORPUS}', join(DATA, 'corpus'));
}

/** Without what means the same whether it is there or not. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable).sort(byText);
  if (typeof value === 'string') return withoutIndent(value);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(([key, inner]) => !(key === 'create_host_path' && inner === true))
    .map(([key, inner]) => [key, comparable(inner)] as const)
    .filter(([key, inner]) => key !== 'bind' || Object.keys(inner as object).length > 0);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The keys of SSH are in no order there. */
function byText(a: unknown, b: unknown): number {
  return /^(default|key\d: )/.test(String(a)) && /^(default|key\d: )/.test(String(b))
    ? String(a).localeCompare(String(b))
    : 0;
}

/** The other's printer loses the indent of text that begins with an empty line. */
function withoutIndent(text: string): string {
  return text.startsWith('\n') ? text.replace(/^ +/gm, '') : text;
}

async function tally(cases: readonly Case[]): Promise<Partial<Record<Verdict, string[]>>> {
  const verdicts: Partial<Record<Verdict, string[]>> = {};
  for (const one of cases) {
    const verdict = await judge(one);
    verdicts[verdict] = [...(verdicts[verdict] ?? []), one.id];
  }
  return verdicts;
}

function rowsOf<T>(file: string): T[] {
  const lines = readFileSync(join(DATA, file), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as T);
}

type CorpusRow = { folder: string; path: string; accepted: boolean; config?: string };

test.skipIf(!present)(
  title('stack files of public projects mean what they mean to others'),
  { timeout: 60_000 },
  async () => {
    const cases = rowsOf<CorpusRow>('corpus/expected.jsonl').map(({ folder, path, accepted, config }): Case => {
      const file = join(DATA, 'corpus', folder, path);
      return { id: file, accepted, config, request: { cwd: dirname(file), files: [file] } };
    });

    const verdicts = await tally(cases);

    expect(verdicts.differs).toBeUndefined();
    expect(verdicts['taken wrongly']).toBeUndefined();
    expect(verdicts['refused wrongly']).toBeUndefined();
    expect({ equal: verdicts.equal?.length, refused: verdicts.refused?.length }).toEqual({ equal: 147, refused: 56 });
  },
);

type LoadRow = {
  id: string;
  workingDir: string;
  env: Record<string, string>;
  files: { filename: string; content?: string }[];
  options: { projectName?: string; profiles?: string[] };
  expect: { accepted: boolean; config?: string };
};

function caseOf(row: LoadRow): Case {
  /* Those of the folder `tests` all have this one name. */
  const folder = row.files[0]?.filename === 'compose.yml' ? 'tests' : '';
  const cwd = inTree(row.workingDir === '' ? folder : row.workingDir);
  const files = row.files.map(({ filename, content }, index) => writtenFile({ index, filename, content }));
  const env = Object.fromEntries(Object.entries(row.env).map(([key, value]) => [key, placed(value)]));
  const { profiles = [] } = row.options;
  return { id: row.id, ...row.expect, request: { cwd, env, files, projectDir: cwd, profiles } };
}

/** The cases were made in the folder `loader`; nothing is written outside the copy of the tree. */
function inTree(path: string): string {
  return placed(path).startsWith(TREE) ? placed(path) : join(TREE, 'loader', path);
}

type FileToWrite = LoadRow['files'][number] & { readonly index: number };

function writtenFile({ index, filename, content }: FileToWrite): string {
  const path = inTree(['', '-', '(inline)'].includes(filename) ? `inline${index}.yaml` : filename);
  mkdirSync(dirname(path), { recursive: true });
  if (content !== undefined) writeFileSync(path, placed(content));
  return path;
}

test.skipIf(!present)(title('cases of another loader'), { timeout: 60_000 }, async () => {
  const verdicts: Partial<Record<Verdict, string[]>> = {};
  /* One at a time: they write files of the same names. */
  for (const row of rowsOf<LoadRow>('loader-cases/load.jsonl')) {
    const verdict = await judge(caseOf(row));
    verdicts[verdict] = [...(verdicts[verdict] ?? []), row.id];
  }

  expect(verdicts.differs).toBeUndefined();
  expect(verdicts['refused wrongly']).toBeUndefined();
  /* Refused by the other for a file without a name, which is given one here. */
  expect(verdicts['taken wrongly']).toEqual(['cg-030', 'cg-032', 'cg-052']);
  expect({ equal: verdicts.equal?.length, refused: verdicts.refused?.length }).toEqual({ equal: 84, refused: 34 });
});

type Row = {
  in: { template: string; src: string; lookups: Record<string, string | null>; pre: Record<string, string | null> };
  out?: unknown;
  error?: string;
};

const known = (values: Record<string, string | null>) =>
  Object.fromEntries(Object.entries(values).flatMap(([key, value]) => (value === null ? [] : [[key, value]])));

test.skipIf(!present)(title('the table of variables'), () => {
  const wrong = rowsOf<Row>('loader-cases/substitute.jsonl').filter(({ in: { template, lookups }, out, error }) => {
    const result = interpolate(template, known(lookups));
    return result.kind === 'error' ? error === undefined : result.text !== out;
  });

  /* Its loader can be told to refuse what is not set; ours warns. */
  expect(wrong.map((row) => row.in.template)).toEqual(['ok ${NOTHERE}']);
});

test.skipIf(!present)(title('the table of variable files'), () => {
  const wrong = rowsOf<Row>('loader-cases/dotenv.jsonl').filter(({ in: { src, lookups, pre }, out, error }) => {
    const { variables, faults } = parseDotenv(src, { ...known(pre), ...known(lookups) });
    if (error !== undefined) return faults.length === 0;
    return !isDeepStrictEqual({ ...variables }, out) && !isDeepStrictEqual({ ...known(pre), ...variables }, out);
  });

  expect(wrong.map((row) => row.in.src)).toEqual([]);
});
