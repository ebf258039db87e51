/**
 * Records of one container -> its lines, examined or as they are.
 */
import type { LogSource } from '../engine/engine.ts';
import { type FoundLine, type LineFilter, lineFilter } from '../logs/filter-lines.ts';
import { joinParts, type LogText } from '../logs/join-parts.ts';

export type SourceReader = {
  readonly source: LogSource;
  take(records: Buffer): readonly (LogText | FoundLine)[];
  rest(): readonly (LogText | FoundLine)[];
  /** No line of it is unfinished. */
  isIdle(): boolean;
};

/** Records of one container -> its lines; with a filter those it lets through. */
export function sourceReader(
  source: LogSource,
  filter: LineFilter | undefined,
  { atOnce }: { readonly atOnce: boolean },
): SourceReader {
  const joiner = joinParts(atOnce);
  const examine = filter ? lineFilter(filter) : undefined;
  const examined = (lines: LogText[]) => (examine ? lines.flatMap(examine) : lines);
  return {
    source,
    take: (records) => examined(joiner.add(records)),
    rest: () => examined(joiner.rest()),
    isIdle: joiner.isIdle,
  };
}
