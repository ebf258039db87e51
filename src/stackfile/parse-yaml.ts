/**
 * YAML text -> trees with places, one for each document. With print-yaml.ts the only file that knows the yaml package.
 *
 * Anchors, aliases and merge keys (`<<`) are resolved here, with a bound on
 * what they may grow to. Plain scalars are read as Compose's own loader does.
 */
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  type YAMLMap,
} from 'yaml';
import type { Finding, Findings } from './findings.ts';
import { readPlainScalar } from './plain-scalar.ts';
import { quickYaml } from './quick-yaml.ts';
import { MAX_NODES } from './quick-yaml-text.ts';
import { refuseTooLarge } from './refuse-too-large.ts';
import { type Entry, joinPath, type MapTree, type MergeTag, type Place, type Scalar, type Tree } from './tree.ts';
import { warnOfLook } from './warn-of-look.ts';

const MAX_DEPTH = 200;
const MAX_DOCUMENTS = 100;
/** Before parsing only brackets and indents are counted, also those that are text: so the bound is generous. */
const MAX_BRACKETS = 1000;
const MAX_INDENT = 1000;
const MERGE_TAGS: Readonly<Record<string, MergeTag>> = { '!reset': 'reset', '!override': 'override' };

type Reading = {
  readonly file: string;
  readonly text: string;
  readonly lines: LineCounter;
  readonly doc: Document;
  readonly findings: Findings;
  /** What each anchor stands for so far; filled in the order of the text. */
  readonly anchors: Map<string, Anchored>;
  nodes: number;
  /** What stands for aliases of nothing, which has been told. */
  readonly lost: Set<Tree>;
};

/** `tree` is there once all of it has been read: before, an alias is inside of what it names. */
type Anchored = { tree?: Tree; size: number };

/** The maps of the file's documents; undefined when it could not be read. Findings get every fault of its syntax. */
export function parseYaml(text: string, file: string, findings: Findings): readonly MapTree[] | undefined {
  const quick = quickYaml(text, file, findings);
  return quick ? [quick] : parseWholeYaml(text, file, findings);
}

/** With all of YAML, and its faults. */
export function parseWholeYaml(text: string, file: string, findings: Findings): readonly MapTree[] | undefined {
  const lines = new LineCounter();
  const deep = tooDeep(text);
  if (deep !== undefined) {
    const place = { file, line: deep, col: 1, width: 1 };
    findings.error(place, { message: `this is nested more than ${MAX_DEPTH} deep`, hint: 'a stack file is flat' });
    return undefined;
  }
  if ((text.match(/^---/gm)?.length ?? 0) > MAX_DOCUMENTS) {
    const place = { file, line: 1, col: 1, width: 1 };
    findings.error(place, { message: `the file has more than ${MAX_DOCUMENTS} documents`, hint: 'make them one' });
    return undefined;
  }
  if (hasTooManyParts(text)) refuseTooLarge(file, findings);
  const documents = parseAllDocuments(text, { ...PARSE_OPTIONS, lineCounter: lines });
  if ('empty' in documents || documents.length === 0) return [emptyMap(file)];
  const reading = { file, text, lines, findings };
  const trees = documents.map((doc) => treeOf({ ...reading, doc, anchors: new Map(), nodes: 0, lost: new Set() }));
  return trees.includes(undefined) ? undefined : trees.filter((tree) => tree !== undefined);
}

const PARSE_OPTIONS = {
  merge: false,
  /* Looked at in entriesOf: the package compares each with each. */
  uniqueKeys: false,
  /* All plain scalars are text: plain-scalar.ts reads them. */
  schema: 'failsafe',
  customTags: resetTags(),
  logLevel: 'error',
} as const;

function emptyMap(file: string): MapTree {
  return { kind: 'map', entries: new Map(), place: { file, line: 1, col: 1, width: 1 } };
}

function treeOf(reading: Reading): MapTree | undefined {
  const { doc, findings, file } = reading;
  for (const error of doc.errors.filter(isOfItsOwn)) {
    const [start, end] = wordAt(reading.text, ...error.pos);
    const place = placeAt(reading, start, end);
    const path = pathAt(doc.contents as Node | null, error.pos[0]);
    const hint = syntaxHint(error.code, error.message);
    findings.error(place, { message: syntaxMessage(error.message), hint, path });
  }
  if (doc.errors.length > 0) return undefined;
  const root = doc.contents as Node | null;
  const tree = root === null ? emptyMap(file) : toTree(reading, root);
  if (tree.kind === 'map') return tree;
  if (tree.kind === 'scalar' && tree.value === null) return emptyMap(file);
  findings.error(tree.place, {
    message: `a stack file is a map, not ${tree.kind === 'list' ? 'a list' : 'a single value'}`,
    hint: 'begin with `services:`',
  });
  return undefined;
}

/** The line from which brackets are open more than anybody would: the parser would run out of stack. */
function tooDeep(text: string): number | undefined {
  let depth = 0;
  let line = 1;
  if (indentAt(text, 0) > MAX_INDENT) return line;
  for (let at = 0; at < text.length; at++) {
    const letter = text.charCodeAt(at);
    if (letter === 10) {
      line += 1;
      if (indentAt(text, at + 1) > MAX_INDENT) return line;
    } else if (letter === 34 || letter === 39) at = quoteEnd(text, at);
    else if (letter === 91 || letter === 123) depth += 1;
    else if ((letter === 93 || letter === 125) && depth > 0) depth -= 1;
    if (depth > MAX_BRACKETS) return line;
  }
  return undefined;
}

/** Index of the quote that closes the one at `start`, when it is on this line and a value begins there. */
function quoteEnd(text: string, start: number): number {
  const before = text[start - 1];
  const stop = text.indexOf('\n', start);
  const lineEnd = stop < 0 ? text.length : stop;
  if (before !== undefined && !' \n[{,'.includes(before)) return start;
  for (let at = start + 1; at < lineEnd; at++) {
    if (text[at] === '\\' && text[start] === '"') at += 1;
    else if (text[at] === text[start]) return at;
  }
  return start;
}

/** Where a value can begin or end: the complete parser takes about a KiB for each. */
const PARTS = /[[\]{},\n]|[:?-] |[&*!][^\s,]/g;
const MAX_PARTS = 120_000;

/** More of them than a stack file has; a text in a block or in quotes may have some for each of its words. */
function hasTooManyParts(text: string): boolean {
  let count = 0;
  PARTS.lastIndex = 0;
  while (PARTS.test(text)) if (++count > MAX_PARTS) return true;
  return false;
}

/** Spaces, dashes of lists in lists, and marks of keys. */
function indentAt(text: string, start: number): number {
  let at = start;
  while (text[at] === ' ' || ((text[at] === '-' || text[at] === '?') && text[at + 1] === ' ')) at += 1;
  return at - start;
}

/** The package keeps unknown tags as such, but warns about them. */
function resetTags() {
  return Object.keys(MERGE_TAGS).flatMap((tag) => [
    { tag, collection: 'map' as const, resolve: (map: unknown) => map },
    { tag, collection: 'seq' as const, resolve: (seq: unknown) => seq },
    { tag, resolve: (text: string) => (text === '' || text === 'null' || text === '~' ? null : text) },
  ]) as never;
}

/** After a fault the rest of the line is a row of tokens nobody expects. */
function isOfItsOwn({ message }: { readonly message: string }, index: number): boolean {
  return index === 0 || !/token in YAML stream/.test(message);
}

/** What to do about a fault, by the package's words for it. */
const SYNTAX_HINTS: readonly (readonly [RegExp, string])[] = [
  [/sufficiently indented and end with a \]/, 'close the bracket: ] is missing above'],
  [/sufficiently indented and end with a \}/, 'close the brace: } is missing above'],
  [/^Nested mappings/, 'put the text in quotes: a colon and a blank begin a value'],
  [/^Missing closing/, 'close the quotes'],
  [/^Unexpected (scalar|flow-map-start|flow-seq-start) at node end/, 'put the whole value in quotes'],
  [/alias/i, 'put the value in quotes: * is for names of anchors'],
  [/^Plain value cannot start/, 'put the value in quotes'],
  [/^A block sequence may not be used/, 'a list has a dash before each item, a map has none'],
  [/^Implicit (map )?keys need/, 'write KEY: VALUE'],
];

function syntaxHint(code: string, message: string): string | undefined {
  const [, hint] = SYNTAX_HINTS.find(([words]) => words.test(message)) ?? [];
  if (code === 'TAB_AS_INDENT') return 'indent with spaces';
  return hint ?? (code === 'BAD_INDENT' ? 'align it with its neighbours' : undefined);
}

/** What is wrong with an indent is shown at the word behind it. */
function wordAt(text: string, from: number, to: number): [start: number, end: number] {
  const indent = /^ *$/.test(text.slice(text.lastIndexOf('\n', from - 1) + 1, from))
    ? /^ +(?=\S)/.exec(text.slice(from))
    : null;
  if (!indent) return [from, Math.max(to, from + 1)];
  const start = from + indent[0].length;
  return [start, start + /^[^\s:]+|^./.exec(text.slice(start))![0].length];
}

function syntaxMessage(message: string): string {
  const first = message.split(/ at line |\n/, 1)[0]!.replace(/(["'])quote$/, '$1');
  return `YAML: ${first.charAt(0).toLowerCase()}${first.slice(1)}`;
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
  if (++reading.nodes > MAX_NODES || depth > MAX_DEPTH) refuseTooLarge(reading.file, reading.findings);
  if (isAlias(node)) return aliasTree(reading, node);
  const anchor = (node as { anchor?: string } | null)?.anchor;
  if (anchor === undefined) return plainTree(reading, node, depth);
  const anchored: Anchored = { size: reading.nodes };
  reading.anchors.set(anchor, anchored);
  const tree = plainTree(reading, node, depth);
  anchored.tree = tree;
  anchored.size = reading.nodes - anchored.size;
  return tree;
}

/** Its nodes are counted again: they are walked again by everything that comes later. */
function aliasTree(reading: Reading, node: Alias): Tree {
  const anchored = reading.anchors.get(node.source);
  if (anchored?.tree) {
    reading.nodes += anchored.size;
    if (reading.nodes > MAX_NODES) refuseTooLarge(reading.file, reading.findings);
    return anchored.tree;
  }
  const message = anchored ? `*${node.source} is inside of what it stands for` : `there is no anchor &${node.source}`;
  const hint = anchored ? undefined : `name it with &${node.source}, or put text in quotes: "*${node.source}"`;
  report(reading, node, { message, hint });
  const nothing: Tree = { kind: 'scalar', value: null, place: placeOf(reading, node) };
  reading.lost.add(nothing);
  return nothing;
}

function plainTree(reading: Reading, node: Node | null, depth: number): Tree {
  const place = placeOf(reading, node);
  const tag = MERGE_TAGS[(node as { tag?: string } | null)?.tag ?? ''];
  if (isSeq(node))
    return { kind: 'list', items: node.items.map((item) => toTree(reading, item as Node, depth + 1)), place, tag };
  if (isMap(node)) return { kind: 'map', entries: entriesOf(reading, node, depth), place, tag };
  const value = scalarOf(node);
  if (isScalar(node) && node.type === 'PLAIN' && typeof node.value === 'string')
    warnOfLook({ text: node.value, value }, (finding) => reading.findings.warning(place, finding));
  return { kind: 'scalar', value, place, tag };
}

function report(reading: Reading, node: Node, finding: Finding): void {
  const path = pathAt(reading.doc.contents as Node | null, node.range?.[0] ?? 0);
  reading.findings.error(placeOf(reading, node), { ...finding, path });
}

function scalarOf(node: Node | null): Scalar {
  if (!isScalar(node)) return null;
  const { value, source, type, tag } = node;
  const text = typeof value === 'string' ? value : (source ?? '');
  if (tag === '!!str' || tag?.endsWith(':str')) return text;
  return type === 'PLAIN' || type === undefined ? readPlainScalar(text) : text;
}

/** Own keys win over merged ones, earlier merged maps over later ones. */
function entriesOf(reading: Reading, map: YAMLMap, depth: number): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  const merged: MapTree[] = [];
  let mergedOnce = false;
  for (const pair of map.items as Pair<Node, Node | null>[]) {
    const key = keyText(pair.key);
    checkKey(reading, pair.key);
    const value = toTree(reading, pair.value, depth + 1);
    if (key === '<<' && mergedOnce)
      report(reading, pair.key, { message: '`<<` is there twice', hint: 'merge a list: `<<: [*one, *other]`' });
    else if (entries.has(key))
      report(reading, pair.key, { message: 'this key is there twice', hint: 'keep one of the two' });
    mergedOnce ||= key === '<<';
    if (key === '<<') merged.push(...mergeSources(reading, value));
    else entries.set(key, { key: placeOf(reading, pair.key), value });
  }
  for (const source of merged) {
    reading.nodes += source.entries.size;
    for (const [key, entry] of source.entries) if (!entries.has(key)) entries.set(key, entry);
  }
  return entries;
}

function mergeSources({ findings, lost }: Reading, value: Tree): MapTree[] {
  const sources = (value.kind === 'list' ? value.items : [value]).filter((source) => !lost.has(source));
  const maps = sources.filter((source): source is MapTree => source.kind === 'map');
  if (maps.length !== sources.length)
    findings.error(value.place, { message: '`<<` takes a map or a list of maps', hint: 'name an anchor: `<<: *name`' });
  return maps;
}

/** `123:` and `true:` are no names in Compose; who means the text puts it in quotes. */
function checkKey(reading: Reading, key: Node): void {
  const text = keyText(key);
  if (isScalar(key) && (text === '<<' || typeof scalarOf(key) === 'string')) return;
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
