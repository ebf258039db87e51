/**
 * The YAML that stack files are mostly made of -> a tree, in one pass over the text.
 *
 * Several times as quick as a complete parser, and never a judge: whatever is
 * rare (tags, directives, several documents, text over several lines) or looks
 * wrong is left to parse-yaml.ts, which reads the file again with all of YAML
 * and tells its faults. What is read here is read exactly as it would be there.
 */
import type { Findings } from './findings.ts';
import { readFlow } from './quick-yaml-flow.ts';
import { aliasTree, checkedKey, mapParts, putEntry, readName, wholeMap } from './quick-yaml-parts.ts';
import { plainEnd, quotedText, readBlockText, readPlain, readQuoted } from './quick-yaml-scalars.ts';
import {
  countNode,
  endLine,
  isLineEnd,
  lineEnd,
  nextLine,
  placeFrom,
  type QuickText,
  RareYaml,
  rare,
  skipSpaces,
  startText,
  TooManyValues,
} from './quick-yaml-text.ts';
import { refuseTooLarge } from './refuse-too-large.ts';
import type { ListTree, MapTree, Place, Tree } from './tree.ts';

/** undefined: for parse-yaml.ts. */
export function quickYaml(text: string, file: string, findings: Findings): MapTree | undefined {
  try {
    const reading = startText(text, file, findings);
    const tree = readMap(reading, 0);
    if (reading.indent >= 0) return undefined;
    for (const warn of reading.warnings) warn();
    return tree;
  } catch (error) {
    if (error instanceof RareYaml) return undefined;
    if (error instanceof TooManyValues) refuseTooLarge(file, findings);
    throw error;
  }
}

/** A list or a map that begins here; its further lines are indented just as much. */
function readBlock(reading: QuickText, depth: number): Tree {
  return isDash(reading) ? readList(reading, depth) : readMap(reading, depth);
}

function isDash({ text, at }: QuickText): boolean {
  const next = text.charCodeAt(at + 1);
  return text.charCodeAt(at) === 45 && (next === 32 || next === 10 || Number.isNaN(next));
}

function readMap(reading: QuickText, depth: number): MapTree {
  countNode(reading, depth);
  const indent = reading.at - reading.lineStart;
  const place = placeFrom(reading, reading.at, lineEnd(reading, reading.at));
  const parts = mapParts();
  do {
    const { text, key } = readKey(reading);
    putEntry(parts, { text, key, value: readMapValue(reading, indent, depth) });
  } while (reading.indent === indent && !isDash(reading));
  if (reading.indent >= indent) rare();
  return { kind: 'map', entries: wholeMap(reading, parts), place };
}

/** Goes behind the colon. */
function readKey(reading: QuickText): { readonly text: string; readonly key: Place } {
  const { text: whole, at } = reading;
  const code = whole.charCodeAt(at);
  const quoted = code === 34 || code === 39;
  if (!quoted) reading.at = plainEnd(reading, 'block');
  const text = quoted ? quotedText(reading) : whole.slice(at, reading.at);
  if (!quoted) checkedKey(text);
  const next = whole.charCodeAt(reading.at + 1);
  const isKey = whole.charCodeAt(reading.at) === 58 && (next === 32 || next === 10 || Number.isNaN(next));
  if (!isKey || text.length > 1000) rare();
  const key = placeFrom(reading, at, reading.at);
  reading.at += 1;
  return { text, key };
}

/** A list may stand as far to the left as the key that it belongs to. */
function readMapValue(reading: QuickText, indent: number, depth: number): Tree {
  if (!isLineEnd(reading)) return readInline(reading, indent, depth);
  return readBelow(reading, depth, () => reading.indent > indent || (reading.indent === indent && isDash(reading)));
}

/** The block of the lines below; null when they are not of it. */
function readBelow(reading: QuickText, depth: number, belongs: () => boolean): Tree {
  const place = placeFrom(reading, reading.at, reading.at);
  nextLine(reading);
  if (belongs()) return readBlock(reading, depth + 1);
  countNode(reading, depth);
  return { kind: 'scalar', value: null, place };
}

function readList(reading: QuickText, depth: number): ListTree {
  countNode(reading, depth);
  const indent = reading.at - reading.lineStart;
  const place = placeFrom(reading, reading.at, lineEnd(reading, reading.at));
  const items: Tree[] = [];
  do {
    reading.at += 1;
    items.push(readItem(reading, indent, depth));
  } while (reading.indent === indent && isDash(reading));
  if (reading.indent > indent) rare();
  return { kind: 'list', items, place };
}

/** A map or a list may begin on the line of the dash. */
function readItem(reading: QuickText, indent: number, depth: number): Tree {
  if (isLineEnd(reading)) return readBelow(reading, depth, () => reading.indent > indent);
  return isDash(reading) || hasKey(reading) ? readBlock(reading, depth + 1) : readInline(reading, indent, depth);
}

/** Whether what stands here is a key. */
function hasKey(reading: QuickText): boolean {
  const { text, at } = reading;
  const code = text.charCodeAt(at);
  if (code === 34 || code === 39) {
    quotedText(reading);
    const end = reading.at;
    reading.at = at;
    return text.charCodeAt(end) === 58;
  }
  return !STARTS.has(code) && text.charCodeAt(plainEnd(reading, 'block')) === 58;
}

/** What is no plain text: `[` `{` `*` `&` `|` `>` */
const STARTS = new Set([91, 123, 42, 38, 124, 62]);

/** A value on the line of its key or dash, and what of it is below. */
function readInline(reading: QuickText, outer: number, depth: number): Tree {
  if (reading.text.charCodeAt(reading.at) === 38) return readAnchored(reading, outer, depth);
  const tree = readOne(reading, outer, depth + 1);
  /* Further lines of a plain text, or a fault. */
  if (reading.indent > outer) rare();
  return tree;
}

function readOne(reading: QuickText, outer: number, depth: number): Tree {
  const code = reading.text.charCodeAt(reading.at);
  if (code === 124 || code === 62) {
    countNode(reading, depth);
    return readBlockText(reading, outer);
  }
  const tree = readOnLine(reading, outer, depth);
  endLine(reading);
  return tree;
}

function readOnLine(reading: QuickText, outer: number, depth: number): Tree {
  const code = reading.text.charCodeAt(reading.at);
  if (code === 91 || code === 123) return readFlow(reading, { outer, depth });
  if (code === 42) return aliasTree(reading);
  countNode(reading, depth);
  return code === 34 || code === 39 ? readQuoted(reading) : readPlain(reading, 'block');
}

/** `&name` before a value on its line, or before the block below. */
function readAnchored(reading: QuickText, outer: number, depth: number): Tree {
  const name = readName(reading);
  const anchored: { tree?: Tree; size: number } = { size: reading.nodes };
  reading.anchors.set(name, anchored);
  skipSpaces(reading);
  const code = reading.text.charCodeAt(reading.at);
  if (code === 42 || code === 38) rare();
  const tree = isLineEnd(reading)
    ? readBelow(reading, depth, () => reading.indent > outer || rare())
    : readInline(reading, outer, depth);
  anchored.tree = tree;
  anchored.size = reading.nodes - anchored.size;
  return tree;
}
