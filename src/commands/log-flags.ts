/**
 * Flags by which log commands choose lines and their form, and what they mean.
 */
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../base/errors.ts';
import { parseMoment } from '../base/moment.ts';
import type { Engine, LogsRequest } from '../engine/engine.ts';
import { LEVELS, type Level, levelNamed } from '../logs/filter-level.ts';
import type { LineFilter } from '../logs/filter-lines.ts';
import { compilePatterns } from '../logs/filter-pattern.ts';
import { listenForInterrupt } from '../ui/interrupt.ts';
import { lastMatches } from '../ui/last-matches.ts';
import { type LogFormat, type LogShape, printLogs } from '../ui/log-printer.ts';
import { resumingLogs } from '../ui/resume-logs.ts';
import { parseCount } from './parse-count.ts';

/** A number of lines around each that was found. */
const around = (char: 'A' | 'B' | 'C', summary: string) =>
  Flags.integer({ char, min: 0, dependsOn: ['grep'], summary });

export const LOG_FLAGS = {
  follow: Flags.boolean({ char: 'f', summary: 'go on with what comes, until nothing runs any more' }),
  wait: Flags.boolean({ summary: 'with -f: go on also when nothing runs, yet or any more', dependsOn: ['follow'] }),
  tail: Flags.string({ char: 'n', default: 'all', summary: 'only the last N lines of each replica' }),
  timestamps: Flags.boolean({ char: 't', summary: 'show the time of each line' }),
  since: Flags.string({ summary: 'from this time on: 2024-05-01T10:00:00Z, or 10m for ten minutes ago' }),
  until: Flags.string({ summary: 'up to this time' }),
  grep: Flags.string({ multiple: true, multipleNonGreedy: true, summary: 'only lines that this expression matches' }),
  'ignore-case': Flags.boolean({
    char: 'i',
    summary: 'with --grep: small and capital letters are alike',
    dependsOn: ['grep'],
  }),
  'invert-match': Flags.boolean({
    char: 'v',
    summary: 'with --grep: only lines that it does not match',
    dependsOn: ['grep'],
  }),
  'after-context': around('A', 'with --grep: and N lines after each'),
  'before-context': around('B', 'with --grep: and N lines before each'),
  context: around('C', 'with --grep: and N lines around each'),
  level: Flags.string({ summary: `only lines of this level and worse: ${LEVELS.join(', ')}` }),
  fields: Flags.string({ summary: 'only these fields of lines that are JSON: level,http.status' }),
  json: Flags.boolean({ summary: 'one JSON object a line', exclusive: ['timestamps'] }),
};

export type LogFlagValues = {
  readonly follow: boolean;
  readonly wait: boolean;
  readonly tail: string;
  readonly timestamps: boolean;
  readonly since?: string;
  readonly until?: string;
  readonly grep?: string[];
  readonly 'ignore-case'?: boolean;
  readonly 'invert-match'?: boolean;
  readonly 'after-context'?: number;
  readonly 'before-context'?: number;
  readonly context?: number;
  readonly level?: string;
  readonly fields?: string;
  readonly json?: boolean;
};

export type LogTarget = Pick<LogsRequest, 'stack' | 'services' | 'containers' | 'index' | 'oneOff'>;

/** Prints until there is no more; Ctrl-C ends the process with 130, whoever is still to take what was written. */
export async function showLogs(
  connect: () => Promise<Engine>,
  target: LogTarget,
  { flags, ...style }: { readonly flags: LogFlagValues; readonly prefix: boolean; readonly color: boolean },
): Promise<void> {
  const filter = filterOf(flags);
  const shape = shapeOf(flags, target.stack);
  const count = parseCount('--tail', flags.tail);
  const request = {
    ...target,
    follow: flags.follow,
    keepOpen: flags.wait,
    sinceMs: parseMoment(flags.since),
    untilMs: parseMoment(flags.until),
  };
  const format: LogFormat = { ...style, timestamps: flags.timestamps, follow: flags.follow, shape, filter };
  const { signal, close } = listenForInterrupt();
  const engine = await connect();
  const open = (tail: number | undefined, ended: AbortSignal) =>
    resumingLogs(engine, { ...request, tail }, { reconnect: connect, signal: ended });
  try {
    if (filter === undefined || count === undefined) return await printLogs(open(count, signal), format, signal);
    const canGrow = request.untilMs === undefined;
    await printLogs(lastMatches({ count, filter, open, canGrow, signal }), { ...format, filter: undefined }, signal);
  } finally {
    close();
    if (signal.aborted) process.exit(130);
  }
}

function filterOf(flags: LogFlagValues): LineFilter | undefined {
  if (flags.grep === undefined && flags.level === undefined) return undefined;
  return {
    patterns: compilePatterns('--grep', flags.grep ?? [], { ignoreCase: flags['ignore-case'] === true }),
    invert: flags['invert-match'] === true,
    before: flags['before-context'] ?? flags.context ?? 0,
    after: flags['after-context'] ?? flags.context ?? 0,
    leastLevel: flags.level === undefined ? undefined : parseLevel(flags.level),
    describes: flags.json === true || flags.fields !== undefined,
  };
}

function parseLevel(text: string): Level {
  const level = levelNamed(text);
  if (level) return level;
  throw new BerthError('USAGE', `--level ${text} is no level`, { hint: `it is one of ${LEVELS.join(', ')}` });
}

function shapeOf({ json, fields }: LogFlagValues, stack: string): LogShape {
  const paths = fields?.split(',').map((path) => path.trim());
  if (paths?.includes('')) {
    throw new BerthError('USAGE', `--fields ${fields}: a name is empty`, {
      hint: 'write names with commas between: level,http.status',
    });
  }
  if (json) return { kind: 'json', stack, paths };
  return paths ? { kind: 'fields', paths } : { kind: 'text' };
}
