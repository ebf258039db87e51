/**
 * `[...]` and `{...}` for the quick reader of YAML, on one line or on several.
 */

import { aliasTree, checkedKey, type MapParts, mapParts, putEntry, wholeMap } from './quick-yaml-parts.ts';
import { plainEnd, quotedText, readPlain, readQuoted } from './quick-yaml-scalars.ts';
import { countNode, lineEnd, placeFrom, type QuickText, rare } from './quick-yaml-text.ts';
import type { Tree } from './tree.ts';

/** `outer` is the indent of what it is in: its further lines are indented more. */
export type FlowPlace = { readonly outer: number; readonly depth: number };

/** The collection that begins here; goes behind it. */
export function readFlow(reading: QuickText, { outer, depth }: FlowPlace): Tree {
  countNode(reading, depth);
  const start = reading.at;
  const stop = lineEnd(reading, start);
  const place = placeFrom(reading, start, stop);
  const isMap = reading.text.charCodeAt(start) === 123;
  reading.at += 1;
  const inner = { outer, depth: depth + 1 };
  const tree = isMap ? flowMap(reading, inner) : flowList(reading, inner);
  /* All of it is on the first line. */
  const width = reading.at <= stop ? reading.at - start : place.width;
  return { ...tree, place: { ...place, width } } as Tree;
}

function flowList(reading: QuickText, inner: FlowPlace): Omit<Extract<Tree, { kind: 'list' }>, 'place'> {
  const items: Tree[] = [];
  while (!closes(reading, 93, inner)) {
    items.push(readFlowValue(reading, inner));
    separate(reading, 93, inner);
  }
  return { kind: 'list', items };
}

function flowMap(reading: QuickText, inner: FlowPlace): Omit<Extract<Tree, { kind: 'map' }>, 'place'> {
  const parts: MapParts = mapParts();
  while (!closes(reading, 125, inner)) {
    const at = reading.at;
    const quoted = isQuote(reading.text.charCodeAt(at));
    const text = quoted ? quotedText(reading) : plainText(reading);
    const key = placeFrom(reading, at, reading.at);
    if (!quoted) checkedKey(text);
    if (reading.text.charCodeAt(reading.at) !== 58) rare();
    reading.at += 1;
    if (!quoted && !isSpaceAt(reading)) rare();
    skipFlowSpace(reading, inner);
    putEntry(parts, { text, key, value: readFlowValue(reading, inner) });
    separate(reading, 125, inner);
  }
  return { kind: 'map', entries: wholeMap(reading, parts) };
}

function plainText(reading: QuickText): string {
  const { text, at } = reading;
  reading.at = plainEnd(reading, 'flow');
  if (reading.at === at) rare();
  return text.slice(at, reading.at);
}

function isSpaceAt({ text, at }: QuickText): boolean {
  const code = text.charCodeAt(at);
  return code === 32 || code === 10;
}

function isQuote(code: number): boolean {
  return code === 34 || code === 39;
}

function readFlowValue(reading: QuickText, inner: FlowPlace): Tree {
  const code = reading.text.charCodeAt(reading.at);
  if (code === 91 || code === 123) return readFlow(reading, inner);
  if (code === 42) return aliasTree(reading);
  countNode(reading, inner.depth);
  return isQuote(code) ? readQuoted(reading) : readPlain(reading, 'flow');
}

/** Whether the bracket `code` comes next; goes behind it. */
function closes(reading: QuickText, code: number, inner: FlowPlace): boolean {
  skipFlowSpace(reading, inner);
  if (reading.text.charCodeAt(reading.at) !== code) return false;
  reading.at += 1;
  return true;
}

/** A comma, or the closing bracket, which stays. */
function separate(reading: QuickText, closing: number, inner: FlowPlace): void {
  skipFlowSpace(reading, inner);
  const code = reading.text.charCodeAt(reading.at);
  if (code === closing) return;
  if (code !== 44) rare();
  reading.at += 1;
  skipFlowSpace(reading, inner);
  if (reading.text.charCodeAt(reading.at) === 44) rare();
}

/** Spaces, line ends and comments. */
function skipFlowSpace(reading: QuickText, { outer }: FlowPlace): void {
  const { text, line } = reading;
  for (;;) {
    const code = text.charCodeAt(reading.at);
    if (code === 32) reading.at += 1;
    else if (code === 10) {
      reading.at += 1;
      reading.line += 1;
      reading.lineStart = reading.at;
    } else if (code === 35) {
      const before = text.charCodeAt(reading.at - 1);
      if (before !== 32 && before !== 10) rare();
      reading.at = lineEnd(reading, reading.at);
    } else break;
  }
  if (reading.line > line && reading.at - reading.lineStart <= outer) rare();
}
