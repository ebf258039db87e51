/**
 * Log lines for programs: one JSON object each.
 */
import { isUtf8 } from 'node:buffer';
import type { LogSource } from '../engine/engine.ts';
import { pickFields } from '../logs/filter-fields.ts';
import type { FoundLine } from '../logs/filter-lines.ts';

export type JsonStyle = {
  readonly stack: string;
  /** Only these of a JSON line's fields; undefined: all. */
  readonly paths?: readonly string[];
};

/** `base64` has the bytes of a line that is no UTF-8; `partial`: the line goes on, or has not ended yet. */
export function logJson(source: LogSource, found: FoundLine, { stack, paths }: JsonStyle): string {
  const { fields, text } = found;
  return JSON.stringify({
    time: found.time,
    stack,
    service: source.service,
    container: source.container,
    replica: source.replica,
    stream: found.stream,
    line: text.toString(),
    ...(isUtf8(text) ? {} : { base64: text.toString('base64') }),
    partial: !found.ends,
    level: found.level ?? null,
    fields: fields ? (paths ? pickFields(fields, paths) : fields) : null,
  });
}
