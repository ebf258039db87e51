/**
 * The last n lines of each container that a filter lets through, then what comes.
 *
 * How far back they lie nobody knows: asks for the last lines, and for more
 * and more of them, until there are enough or no more. The state in which
 * the last attempt has left the filters is the one that goes on.
 */
import type { LogItem, LogSource } from '../engine/engine.ts';
import type { FoundLine, LineFilter } from '../logs/filter-lines.ts';
import { isFull } from '../logs/log-line.ts';
import type { FoundItem } from './log-printer.ts';
import { type SourceReader, sourceReader } from './source-reader.ts';

export type LastMatches = {
  readonly count: number;
  readonly filter: LineFilter;
  /** The log from its last `tail` lines on; undefined: all of it. */
  readonly open: (tail: number | undefined, signal: AbortSignal) => AsyncIterable<LogItem>;
  /** false: only all of it is of use, the last lines being left out. */
  readonly canGrow: boolean;
  readonly signal: AbortSignal;
};

const FIRST_LINES = 2_000;
const GROWTH = 8;
/** Then all of it is asked for. */
const MOST_LINES = 100_000_000;

export async function* lastMatches(request: LastMatches): AsyncGenerator<LogItem | FoundItem> {
  let tail = request.canGrow ? Math.max(FIRST_LINES, request.count * GROWTH) : undefined;
  for (;;) {
    const attempt = new AbortController();
    const signal = AbortSignal.any([request.signal, attempt.signal]);
    const outcome = yield* searchIn(request.open(tail, signal), request, tail);
    if (outcome === 'done') return;
    attempt.abort();
    tail = tail === undefined || tail * GROWTH > MOST_LINES ? undefined : tail * GROWTH;
  }
}

/** One attempt; prints nothing when more must be read. */
async function* searchIn(
  items: AsyncIterable<LogItem>,
  { count, filter }: LastMatches,
  tail: number | undefined,
): AsyncGenerator<LogItem | FoundItem, 'done' | 'more'> {
  const collectors = new Map<string, Collector>();
  const collectorOf = (source: LogSource) => {
    const made = collectors.get(source.container) ?? collector(source, filter, count);
    collectors.set(source.container, made);
    return made;
  };
  let isOver = false;
  for await (const item of items) {
    if (item.kind === 'sources') yield item;
    else if (item.kind === 'caught-up') {
      if (isLacking(collectors, tail)) return 'more';
      yield* inOrder(collectors);
      isOver = true;
    } else {
      const made = collectorOf(item.source);
      const lines = made.reader.take(item.lines) as readonly FoundLine[];
      if (isOver) yield { kind: 'found', source: item.source, lines };
      else made.keep(lines, item.lines);
    }
  }
  if (!isOver && isLacking(collectors, tail)) return 'more';
  for (const made of collectors.values()) {
    const lines = made.reader.rest() as readonly FoundLine[];
    if (isOver) yield { kind: 'found', source: made.reader.source, lines };
    else made.keep(lines);
  }
  if (!isOver) yield* inOrder(collectors);
  return 'done';
}

type Collector = {
  readonly reader: SourceReader;
  keep(lines: readonly FoundLine[], records?: Buffer): void;
  kept(): readonly FoundLine[];
  /** Whether no more lines would change what is kept; `tail` as it was asked for. */
  isEnough(tail: number): boolean;
};

function collector(source: LogSource, filter: LineFilter, count: number): Collector {
  const reader = sourceReader(source, filter, { atOnce: false });
  let lines: FoundLine[] = [];
  let received = 0;
  return {
    reader,
    keep(more, records) {
      received += records ? countLines(records) : 0;
      if (more.length > 0) lines = lastOf([...lines, ...more], count, filter.before);
    },
    kept: () => lines,
    isEnough(tail) {
      if (received < tail) return true;
      const found = lines.filter((line) => line.found);
      const first = found[0];
      if (found.length < count) return false;
      /* Nothing wanted; else the first has its lines before it, and its level is no guess. */
      if (!first) return true;
      return first.index >= filter.before && (filter.leastLevel === undefined || first.level !== undefined);
    },
  };
}

/** The last `count` that were found, with what is shown around them. */
function lastOf(lines: FoundLine[], count: number, before: number): FoundLine[] {
  const found = lines.filter((line) => line.found);
  if (found.length <= count) return lines;
  const first = found[found.length - count];
  const from = first === undefined ? Number.POSITIVE_INFINITY : first.index - before;
  const kept = lines.filter((line) => line.index >= from);
  return kept.map((line, at) => (at === 0 ? { ...line, gap: false } : line));
}

/** As the reader of the log counts: a line of several records is one. */
function countLines(records: Buffer): number {
  let count = 0;
  for (let start = 0; start < records.length; start = records.indexOf(NEWLINE, start) + 1) {
    if (isFull(records, start)) count += 1;
  }
  return count;
}

const NEWLINE = 0x0a;

function isLacking(collectors: ReadonlyMap<string, Collector>, tail: number | undefined): boolean {
  return tail !== undefined && [...collectors.values()].some((made) => !made.isEnough(tail));
}

/** Of all containers by time; lines of one container in a row stay together. */
function* inOrder(collectors: ReadonlyMap<string, Collector>): Generator<FoundItem> {
  const all = [...collectors.values()].flatMap(({ reader, kept }) =>
    kept().map((line) => ({ source: reader.source, line })),
  );
  all.sort((a, b) => (a.line.time < b.line.time ? -1 : a.line.time > b.line.time ? 1 : 0));
  for (const { source, line } of all) yield { kind: 'found', source, lines: [line] };
}
