/**
 * What maps of the quick reader of YAML are put together from: keys, aliases, merge keys.
 */
import { readPlainScalar } from './plain-scalar.ts';
import { type QuickText, rare } from './quick-yaml-text.ts';
import type { Entry, MapTree, Place, Tree } from './tree.ts';

export type MapParts = { readonly entries: Map<string, Entry>; readonly merged: MapTree[]; isMerged: boolean };

export function mapParts(): MapParts {
  return { entries: new Map(), merged: [], isMerged: false };
}

/** A key without quotes; what is no text is a fault. */
export function checkedKey(text: string): void {
  if (text !== '<<' && typeof readPlainScalar(text) !== 'string') rare();
}

export type Part = { readonly text: string; readonly key: Place; readonly value: Tree };

export function putEntry(parts: MapParts, { text, key, value }: Part): void {
  const { entries, merged } = parts;
  if (text === '<<') {
    if (parts.isMerged) rare();
    parts.isMerged = true;
    for (const source of value.kind === 'list' ? value.items : [value])
      if (source.kind === 'map') merged.push(source);
      else rare();
    return;
  }
  if (entries.has(text)) rare();
  entries.set(text, { key, value });
}

/** Own keys win over merged ones, earlier merged maps over later ones. */
export function wholeMap(reading: QuickText, { entries, merged }: MapParts): Map<string, Entry> {
  for (const source of merged) {
    reading.nodes += source.entries.size;
    for (const [key, entry] of source.entries) if (!entries.has(key)) entries.set(key, entry);
  }
  return entries;
}

const NAME = /[^\s,:[\]{}]+(?=[\s,\]}]|$)/y;

/** What stands after `&` or `*`; goes behind it. */
export function readName(reading: QuickText): string {
  NAME.lastIndex = reading.at + 1;
  const name = NAME.exec(reading.text)?.[0] ?? rare();
  reading.at = NAME.lastIndex;
  return name;
}

/** What it stands for counts again: it is walked again by everything that comes later. */
export function aliasTree(reading: QuickText): Tree {
  const anchored = reading.anchors.get(readName(reading));
  if (!anchored?.tree) return rare();
  reading.nodes += anchored.size + 1;
  return anchored.tree;
}
