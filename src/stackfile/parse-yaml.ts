/**
 * YAML text -> a tree with places. The only file that knows the yaml package.
 *
 * Anchors, aliases and merge keys (`<<`) are resolved here, with a bound on
 * what they may grow to.
 */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  stringify,
  type YAMLMap,
} from 'yaml';
import type { Finding, Findings } from './findings.ts';
import { type Entry, joinPath, type MapTree, type MergeTag, type Place, type Scalar, type Tree } from './tree.ts';

const MAX_NODES = 200_000;
const MERGE_TAGS: Readonly<Record<string, MergeTag>> = { '!reset': 'reset', '!override': 'override' };

type Reading = {
  readonly file: string;
  readonly text: string;
  readonly lines: LineCounter;
  readonly doc: Document;
  readonly findings: Findings;
  nodes: number;
};

/** The file's map; undefined when it could not be read at all. Findings get every fault of its syntax. */
export function parseYaml(text: string, file: string, findings: Findings): MapTree | undefined {
  const lines = new LineCounter();
  const doc = parseDocument(text, {
    lineCounter: lines,
    merge: false,
    uniqueKeys: true,
    customTags: resetTags(),
    /* Below `error` a second document would go untold. */
    logLevel: 'error',
  });
  const reading: Reading = { file, text, lines, doc, findings, nodes: 0 };
  const errors = doc.errors.filter((e) => e.code !== 'MULTIPLE_DOCS' || hasContent(text.slice(e.pos[0])));
  for (const error of errors) {
    const place = placeAt(reading, error.pos[0], Math.max(error.pos[1], error.pos[0] + 1));
    const path = pathAt(doc.contents as Node | null, error.pos[0]);
    const hint = SYNTAX_HINTS[error.code];
    findings.error(place, { message: syntaxMessage(error.code, error.message), hint, path });
  }
  if (errors.length > 0) return undefined;
  const root = doc.contents as Node | null;
  if (root === null) return { kind: 'map', entries: new Map(), place: placeAt(reading, 0, 1) };
  const tree = toTree(reading, root);
  if (tree.kind === 'map') return tree;
  findings.error(tree.place, {
    message: `a stack file is a map, not ${tree.kind === 'list' ? 'a list' : 'a single value'}`,
    hint: 'begin with `services:`',
  });
  return undefined;
}

/** YAML of plain values, as `berth config` prints it. */
export function printYaml(value: unknown): string {
  return stringify(value, {
    lineWidth: 0,
    aliasDuplicateObjects: false,
    singleQuote: false,
    defaultStringType: 'PLAIN',
    /* Other readers take a bare `no` for false. */
    compat: 'yaml-1.1',
  });
}

/** The package keeps unknown tags as such, but warns about them. */
function resetTags() {
  return Object.keys(MERGE_TAGS).flatMap((tag) => [
    { tag, collection: 'map' as const, resolve: (map: unknown) => map },
    { tag, collection: 'seq' as const, resolve: (seq: unknown) => seq },
    { tag, resolve: (text: string) => (text === '' || text === 'null' || text === '~' ? null : text) },
  ]) as never;
}

const SYNTAX_HINTS: Readonly<Partial<Record<string, string>>> = {
  TAB_AS_INDENT: 'indent with spaces',
  DUPLICATE_KEY: 'keep one of the two',
  BAD_INDENT: 'align it with its neighbours',
  MULTIPLE_DOCS: 'keep one, or make two files and name both with -f',
};

function syntaxMessage(code: string, message: string): string {
  const first = message.split(/ at line |\n/, 1)[0]!;
  if (code === 'DUPLICATE_KEY') return 'this key is there twice';
  if (code === 'MULTIPLE_DOCS') return 'a stack file is one YAML document, this is a second one';
  return `YAML: ${first.charAt(0).toLowerCase()}${first.slice(1)}`;
}

/** A document of comments alone is none. */
function hasContent(text: string): boolean {
  return text.split('\n').some((line) => !/^\s*(#.*|---.*|\.\.\.\s*)?$/.test(line));
}

/** Dotted path of the deepest thing that the parser could make out around `offset`. */
function pathAt(node: Node | null, offset: number, path = ''): string | undefined {
  const around = (inner: Node | null) => inner?.range != null && inner.range[0] <= offset && offset < inner.range[2];
  if (isSeq(node)) {
    const index = node.items.findIndex((item) => around(item as Node));
    return index < 0 ? path : pathAt(node.items[index] as Node, offset, `${path}[${index}]`);
  }
  const pair = isMap(node)
    ? (node.items as Pair<Node, Node | null>[]).findLast(({ key, value }) => around(key) || around(value))
    : undefined;
  if (!pair) return path === '' ? undefined : path;
  return pathAt(pair.value, offset, joinPath(path, keyText(pair.key)));
}

function toTree(reading: Reading, node: Node | null, depth = 0): Tree {
  if (++reading.nodes > MAX_NODES || depth > 200) throw tooLarge(reading);
  if (isAlias(node)) {
    const target = node.resolve(reading.doc);
    if (target) return toTree(reading, target, depth + 1);
    report(reading, node, { message: `there is no anchor &${node.source}` });
    return { kind: 'scalar', value: null, place: placeOf(reading, node) };
  }
  const place = placeOf(reading, node);
  const tag = MERGE_TAGS[(node as { tag?: string } | null)?.tag ?? ''];
  if (isSeq(node))
    return { kind: 'list', items: node.items.map((item) => toTree(reading, item as Node, depth + 1)), place, tag };
  if (isMap(node)) return { kind: 'map', entries: entriesOf(reading, node, depth), place, tag };
  return { kind: 'scalar', value: scalarOf(node), place, tag };
}

function report(reading: Reading, node: Node, finding: Finding): void {
  const path = pathAt(reading.doc.contents as Node | null, node.range?.[0] ?? 0);
  reading.findings.error(placeOf(reading, node), { ...finding, path });
}

function tooLarge({ findings, file }: Reading): never {
  findings.error(
    { file, line: 1, col: 1, width: 1 },
    { message: 'the file is too large once its aliases are resolved' },
  );
  findings.throwErrors();
  throw new Error('unreachable');
}

function scalarOf(node: Node | null): Scalar {
  if (!isScalar(node)) return null;
  const { value, source } = node;
  /* Digits that a number can not hold are kept as they are written. */
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) return source ?? value;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return value === null || value === undefined ? null : String(value);
}

/** Own keys win over merged ones, earlier merged maps over later ones. */
function entriesOf(reading: Reading, map: YAMLMap, depth: number): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  const merged: MapTree[] = [];
  for (const pair of map.items as Pair<Node, Node | null>[]) {
    const key = keyText(pair.key);
    checkKey(reading, pair.key);
    const value = toTree(reading, pair.value, depth + 1);
    if (key === '<<') merged.push(...mergeSources(reading, value));
    else entries.set(key, { key: placeOf(reading, pair.key), value });
  }
  for (const source of merged)
    for (const [key, entry] of source.entries) if (!entries.has(key)) entries.set(key, entry);
  return entries;
}

function mergeSources({ findings }: Reading, value: Tree): MapTree[] {
  const sources = value.kind === 'list' ? value.items : [value];
  const maps = sources.filter((source): source is MapTree => source.kind === 'map');
  if (maps.length !== sources.length)
    findings.error(value.place, { message: '`<<` takes a map or a list of maps', hint: 'name an anchor: `<<: *name`' });
  return maps;
}

/** `123:` and `true:` are no names in Compose; who means the text puts it in quotes. */
function checkKey(reading: Reading, key: Node): void {
  if (isScalar(key) && typeof key.value === 'string') return;
  const text = keyText(key);
  const message = `the key ${text} is not text`;
  report(reading, key, { message, hint: `put it in quotes: "${text}"` });
}

function keyText(key: Node): string {
  return isScalar(key) ? String(key.value) : String(key);
}

function placeOf(reading: Reading, node: Node | null): Place {
  const range = node?.range;
  return range ? placeAt(reading, range[0], range[1]) : placeAt(reading, 0, 1);
}

/** The part of the first line only: carets do not wrap. */
function placeAt({ file, text, lines }: Reading, start: number, end: number): Place {
  const { line, col } = lines.linePos(start);
  const lineEnd = text.indexOf('\n', start);
  const stop = lineEnd < 0 ? end : Math.min(end, lineEnd);
  return { file, line: Math.max(line, 1), col: Math.max(col, 1), width: Math.max(1, stop - start) };
}
