/**
 * Log records -> lines of the terminal: `web-1  | text`, a colour for each container.
 *
 * Joins the parts of a long line; prints whole lines only, and waits for a
 * slow terminal instead of piling up.
 */
import type { LogBatch, LogSource } from '../engine/engine.ts';
import { parseLogLine, splitRecords } from '../logs/log-line.ts';
import { type Paint, paletteFor } from './colors.ts';
import { printBytes } from './output.ts';

export type LogFormat = { readonly timestamps: boolean; readonly prefix: boolean; readonly color: boolean };

/** Prints batch after batch until there are no more. */
export async function printLogs(batches: AsyncIterable<LogBatch>, format: LogFormat): Promise<void> {
  const printer = logPrinter(format);
  for await (const batch of batches) await printBytes(printer.text(batch));
}

export type LogPrinter = { text(batch: LogBatch): Buffer };

export function logPrinter({ timestamps, prefix, color }: LogFormat): LogPrinter {
  const palette = paletteFor(color ? process.stdout : {});
  const paints = [palette.cyan, palette.yellow, palette.green, palette.magenta, palette.blue];
  const painters = new Map<string, Paint>();
  const parts = new Map<string, Buffer[]>();
  let width = 0;

  const prefixOf = (source: LogSource): string => {
    if (!prefix) return '';
    const name = `${source.service}-${source.replica}`;
    const paint = painters.get(source.container) ?? paints[painters.size % paints.length]!;
    painters.set(source.container, paint);
    width = Math.max(width, name.length);
    return paint(`${name.padEnd(width)} | `);
  };

  return {
    text({ source, lines }) {
      const out: Buffer[] = [];
      for (const record of splitRecords(lines)) {
        const line = parseLogLine(record);
        if (!line) continue;
        const key = `${source.container} ${line.stream}`;
        const begun = parts.get(key) ?? [];
        begun.push(line.text);
        if (!line.full) {
          parts.set(key, begun);
          continue;
        }
        parts.delete(key);
        out.push(Buffer.from(`${prefixOf(source)}${timestamps ? `${line.time} ` : ''}`), ...begun, NEWLINE);
      }
      return Buffer.concat(out);
    },
  };
}

const NEWLINE = Buffer.from('\n');
