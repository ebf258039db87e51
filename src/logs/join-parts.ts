/**
 * Records -> lines: a line that lies in several records (P ... P F) becomes one again.
 *
 * Both streams of a container mix in its log, so each has its own unfinished
 * line. What is kept of one is bounded: a longer line comes in pieces.
 */
import { type LogLine, parseLogLine, splitRecords } from './log-line.ts';

/** Kept of an unfinished line at most; a line of this length is no text for people any more. */
const MAX_LINE_BYTES = 1024 * 1024;

export type LogStream = LogLine['stream'];

/** A whole line, or a piece of one: the first piece begins it, the last one ends it. */
export type LogText = {
  readonly time: string;
  readonly stream: LogStream;
  readonly text: Buffer;
  readonly begins: boolean;
  readonly ends: boolean;
};

export type PartJoiner = {
  /** The lines that `records` complete. */
  add(records: Buffer): LogText[];
  /** What is unfinished, in the order of its time; it is given out once. */
  rest(): LogText[];
  /** Nothing is unfinished. */
  isIdle(): boolean;
};

type Unfinished = { time: string; parts: Buffer[]; bytes: number; begins: boolean };

/** For one container; with `atOnce` each part is a piece of its own as soon as it comes. */
export function joinParts(atOnce = false): PartJoiner {
  const open: Partial<Record<LogStream, Unfinished>> = {};
  const limit = atOnce ? 0 : MAX_LINE_BYTES;

  const take = (record: Buffer): LogText | undefined => {
    const line = parseLogLine(record);
    if (!line) return undefined;
    const { stream, full, text, time } = line;
    const begun = open[stream];
    if (!begun && full) return { time, stream, text, begins: true, ends: true };
    const now = begun ?? { time, parts: [], bytes: 0, begins: true };
    now.parts.push(text);
    now.bytes += text.length;
    if (full) open[stream] = undefined;
    else if (now.bytes <= limit) open[stream] = now;
    else open[stream] = { time, parts: [], bytes: 0, begins: false };
    return full || now.bytes > limit ? piece(now, stream, full) : undefined;
  };

  return {
    add(records) {
      const lines: LogText[] = [];
      for (const record of splitRecords(records)) {
        const line = take(record);
        if (line) lines.push(line);
      }
      return lines;
    },
    rest() {
      const lines: LogText[] = [];
      for (const stream of ['stdout', 'stderr'] as const) {
        const line = open[stream];
        if (line && line.bytes > 0) lines.push(piece(line, stream, false));
        open[stream] = undefined;
      }
      return lines.sort((a, b) => (a.time < b.time ? -1 : 1));
    },
    isIdle: () => !open.stdout && !open.stderr,
  };
}

function piece({ time, parts, begins }: Unfinished, stream: LogStream, ends: boolean): LogText {
  return { time, stream, text: parts.length === 1 ? parts[0]! : Buffer.concat(parts), begins, ends };
}
