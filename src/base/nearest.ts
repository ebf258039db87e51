/**
 * The name that was probably meant.
 */

/** Nobody types a longer one. */
const MAX_WORD = 100;
/** Of so many candidates only those that begin or end alike are looked at. */
const MANY = 300;

/** The candidate with the smallest edit distance, when it is near enough to be a slip, else the one it is a part of. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const names = [...candidates];
  const isMeant = names.length > MANY ? (name: string) => isLike(word, name) : () => true;
  if (word.length > MAX_WORD) return undefined;
  const limit = word.length < 3 ? 0 : Math.max(1, Math.floor(word.length / 3));
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const name of names) {
    if (!isMeant(name) || Math.abs(name.length - word.length) > limit) continue;
    const distance = editDistance(word.toLowerCase(), name.toLowerCase(), limit);
    if (distance <= limit && (best === undefined || distance < best.distance)) best = { name, distance };
  }
  return best?.name ?? onlyOne(names.filter((name) => word.length >= 4 && isPart(word, name)));
}

/** `healthy` of `service_healthy`, `alias` of `aliases`. */
function isPart(word: string, name: string): boolean {
  return name.startsWith(word) || name.endsWith(word);
}

function onlyOne(names: readonly string[]): string | undefined {
  return names.length === 1 ? names[0] : undefined;
}

/** A slip seldom changes both ends. */
function isLike(word: string, name: string): boolean {
  return word[0] === name[0] || word.at(-1) === name.at(-1);
}

/** Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment); infinite beyond `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(row[j - 1]! + 1, previous[j]! + 1, previous[j - 1]! + cost);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j]!, before[j - 2]! + 1);
    }
    /* Two rows, since a swap reaches back over one. */
    if (Math.min(...row) > limit && Math.min(...previous) > limit) return Number.POSITIVE_INFINITY;
    before = previous;
    previous = row;
  }
  return previous[b.length]!;
}
