/**
 * Log items -> what is printed: text behind its service's name, chosen fields, or JSON.
 *
 * Waits for a slow reader instead of piling up, and stops at once when told to.
 */
import { assertNever } from '../base/errors.ts';
import type { LogBatch, LogItem, LogSource } from '../engine/engine.ts';
import { fieldsText } from '../logs/filter-fields.ts';
import type { FoundLine, LineFilter } from '../logs/filter-lines.ts';
import type { LogText } from '../logs/join-parts.ts';
import { ansiOf, wantsColor } from './colors.ts';
import { logJson } from './log-json.ts';
import { logTextWriter, type TextStyle } from './log-text.ts';
import { printBytes } from './output.ts';
import { plainLines } from './plain-lines.ts';
import { type SourceReader, sourceReader } from './source-reader.ts';

export type LogFormat = {
  readonly timestamps: boolean;
  readonly prefix: boolean;
  readonly color: boolean;
  /** More is to come: then a part of a line is shown on a terminal as it comes. */
  readonly follow: boolean;
  readonly shape: LogShape;
  /** undefined: all lines. */
  readonly filter?: LineFilter;
};

export type LogShape =
  | { readonly kind: 'text' }
  | { readonly kind: 'fields'; readonly paths: readonly string[] }
  | { readonly kind: 'json'; readonly stack: string; readonly paths?: readonly string[] };

export const TEXT_SHAPE: LogShape = { kind: 'text' };

/** Lines that were looked for before they came here. */
export type FoundItem = { readonly kind: 'found'; readonly source: LogSource; readonly lines: readonly FoundLine[] };

/** Prints item after item until there are no more, or the signal says to stop. */
export async function printLogs(
  items: AsyncIterable<LogItem | FoundItem>,
  format: LogFormat,
  signal?: AbortSignal,
): Promise<void> {
  const printer = logPrinter(format);
  for await (const item of items) {
    await printBytes(printer.take(item), signal);
    if (signal?.aborted) break;
  }
  await printBytes(printer.end(), signal);
}

export type LogPrinter = { take(item: LogItem | FoundItem): Buffer; end(): Buffer };

/** `out`: where it will be shown; standard output unless a test says otherwise. */
export function logPrinter(format: LogFormat, out: { readonly isTTY?: boolean } = process.stdout): LogPrinter {
  const style = styleOf(format, out);
  const writer = logTextWriter(style);
  const { shape } = format;
  const isExamined = format.filter !== undefined || shape.kind !== 'text';
  const readers = new Map<string, SourceReader>();
  const readerOf = (source: LogSource) => {
    const known = readers.get(source.container);
    if (known) return known;
    const made = sourceReader(source, isExamined ? (format.filter ?? EVERY_LINE) : undefined, {
      atOnce: style.terminal && format.follow && !isExamined,
    });
    readers.set(source.container, made);
    return made;
  };

  const write = (source: LogSource, line: LogText | FoundLine): Buffer => {
    const found = 'found' in line ? line : undefined;
    if (shape.kind === 'json') return Buffer.from(`${logJson(source, found!, shape)}\n`);
    if (found?.gap) writer.addGap(source);
    const text = shape.kind === 'fields' && found?.fields ? fieldsText(found.fields, shape.paths) : undefined;
    writer.add(source, line, text === undefined ? undefined : Buffer.from(text));
    return NOTHING;
  };
  const all = (source: LogSource, lines: readonly (LogText | FoundLine)[]) =>
    Buffer.concat([...lines.map((line) => write(source, line)), writer.taken()]);

  const takeLines = ({ source, lines }: LogBatch): Buffer => {
    const reader = readerOf(source);
    const isPlain = !isExamined && !style.terminal && (!(style.strip || style.colors) || !lines.includes(ESCAPE));
    if (isPlain && reader.isIdle() && writer.isAtLineStart()) {
      const plain = plainLines(lines, style.prefix ? writer.prefixes.of(source) : NOTHING, style.timestamps);
      if (plain) return plain;
    }
    return all(source, reader.take(lines));
  };

  return {
    take(item) {
      switch (item.kind) {
        case 'sources':
          writer.prefixes.learn(item.sources, item.services);
          return NOTHING;
        case 'lines':
          return takeLines(item);
        case 'found':
          return all(item.source, item.lines);
        case 'caught-up':
          return NOTHING;
        default:
          return assertNever(item);
      }
    },
    end() {
      const rests = [...readers.values()].map((reader) => all(reader.source, reader.rest()));
      return Buffer.concat([...rests, writer.end()]);
    },
  };
}

const NOTHING = Buffer.alloc(0);
const ESCAPE = 0x1b;

/** All of them, with their levels and fields. */
export const EVERY_LINE: LineFilter = {
  patterns: [],
  invert: false,
  before: 0,
  after: 0,
  leastLevel: undefined,
  describes: true,
};

function styleOf({ prefix, timestamps, color }: LogFormat, out: { readonly isTTY?: boolean }): TextStyle {
  const terminal = out.isTTY === true;
  return { prefix, timestamps, terminal, colors: color && wantsColor(out), strip: !terminal && ansiOf() === 'never' };
}
