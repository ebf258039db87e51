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
  const prefixes = new Map<string, string>();
  const parts = new Map<string, Buffer[]>();
  let width = 0;

  const prefixOf = (source: LogSource): string => {
    const name = `${source.service}-${source.replica}`;
    const known = prefixes.get(source.container);
    if (known !== undefined) return known;
    width = Math.max(width, name.length);
    const paint: Paint = paints[prefixes.size % paints.length]!;
    const text = prefix ? paint(`${name.padEnd(width)} | `) : '';
    prefixes.set(source.container, text);
    return text;
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
