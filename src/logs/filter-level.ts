/**
 * How bad a line is, as its program says: levels by name and by number, in JSON and in the common forms of text.
 *
 * Knows one line at a time; what a line without a level inherits is
 * filter-lines.ts.
 */
import { fieldAt, type JsonFields } from './filter-fields.ts';

/** From the least to the worst; syslog's notice is info, and all above error is fatal. */
export const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

export type Level = (typeof LEVELS)[number];

export function isAtLeast(level: Level, least: Level): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(least);
}

/** Of a name (`WARNING`, `err`, `crit`) or a number of pino and bunyan (10-60) or syslog (0-7). */
export function levelNamed(value: unknown): Level | undefined {
  if (typeof value === 'number') return levelOfNumber(value);
  if (typeof value !== 'string') return undefined;
  const name = value.trim().toLowerCase();
  return NAMES.get(name) ?? (/^\d{1,2}$/.test(name) ? levelOfNumber(Number(name)) : undefined);
}

/** Of one line: `fields` when it is JSON, else `text` without ANSI codes; undefined when it does not say. */
export function levelOf(text: string, fields: JsonFields | undefined): Level | undefined {
  return fields ? levelOfFields(fields) : levelOfText(text.slice(0, HEAD_LENGTH));
}

/** A level stands at the beginning of a line; further on the word is part of the message. */
const HEAD_LENGTH = 120;

const WORDS: Readonly<Record<Level, string>> = {
  trace: 'trace trc trce finest finer verbose',
  debug: 'debug dbg dbug fine debug1 debug2 debug3 debug4 debug5 d1 d2 d3 d4 d5 d',
  info: 'info inf information informational notice note log config system i',
  warn: 'warn warning wrn w',
  error: 'error err eror fail failure severe e',
  fatal: 'fatal ftl critical crit crt panic pnc dpanic emerg emergency alert f',
};

const NAMES = new Map(LEVELS.flatMap((level) => WORDS[level].split(' ').map((word) => [word, level] as const)));

function levelOfNumber(number: number): Level | undefined {
  if (!Number.isInteger(number) || number < 0) return undefined;
  if (number <= 2) return 'fatal';
  if (number <= 7) return (['error', 'warn', 'info', 'info', 'debug'] as const)[number - 3];
  if (number < 10 || number > 100) return undefined;
  return LEVELS[Math.min(Math.floor(number / 10) - 1, LEVELS.length - 1)];
}

const LEVEL_KEYS = [
  'level',
  'severity',
  'lvl',
  'log.level',
  'loglevel',
  'log_level',
  'levelname',
  'Level',
  'Severity',
  '@l',
  'PRIORITY',
];

function levelOfFields(fields: JsonFields): Level | undefined {
  for (const key of LEVEL_KEYS) {
    const value = fieldAt(fields, key);
    /* Some write {"level": {"name": "warn"}}. */
    const level = levelNamed(value) ?? levelNamed((value as { readonly name?: unknown } | null | undefined)?.name);
    if (level) return level;
  }
  /* MongoDB: {"t": {"$date": ...}, "s": "W", "c": "NETWORK", ...}. */
  return 't' in fields && 'c' in fields ? levelNamed(fields.s) : undefined;
}

type Form = readonly [RegExp, (match: RegExpExecArray) => Level | undefined];

const LONG_NAMES = [...NAMES.keys()].filter((name) => name.length > 2).join('|');
const named = (match: RegExpExecArray) => levelNamed(match[1]);
const REDIS: Readonly<Record<string, Level>> = { '.': 'debug', '-': 'debug', '*': 'info', '#': 'warn' };

/** The first form that fits decides. */
const FORMS: readonly Form[] = [
  /* <11>..., the priority of syslog: facility * 8 + severity */
  [/^<(\d{1,3})>/, (match) => levelOfNumber(Number(match[1]) & 7)],
  /* logfmt: level=warn, lvl="error", severity=3 */
  [/(?:^|[\s,{])(?:level|lvl|severity|loglevel|log_level|log\.level)=["']?(\w+)/i, named],
  /* klog, glog: W0102 15:04:05.000000 */
  [/^([DIWEF])\d{4} \d{2}:\d{2}:\d{2}/, named],
  /* redis: 1:M 02 Jan 2026 15:04:05.000 # text */
  [/^\d+:[XCSM] \d{2} \w{3} \d{4} [\d:.]+ ([.\-*#]) /, (match) => REDIS[match[1]!]],
  /* PostgreSQL: ... LOG:  text; DETAIL, HINT and the like belong to the line before */
  [/(?:^|\s)(DETAIL|HINT|STATEMENT|CONTEXT|QUERY|LOCATION): {2}/, () => undefined],
  [/(?:^|\s)(DEBUG[1-5]?|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC): {2}/, named],
  /* [error] [ERROR] [WARN ] [core:warn] (info) <debug> |FATAL| */
  [new RegExp(`[[(<|] {0,2}(?:\\w+:)?(${LONG_NAMES}) {0,2}[\\])>|]`, 'i'), named],
  /* 15:04:05,123 ERROR module: text; WARNING:root:text; INFO[0000] text; 3:04PM ERR text */
  [
    /(?:^|[^\w/.-])(TRACE|TRC|FINEST|FINER|FINE|DEBUG|DBG|INFO|INF|NOTICE|WARN|WARNING|WRN|ERROR|ERR|SEVERE|CRITICAL|CRIT|FATAL|FTL|PANIC|PNC|EMERG|ALERT)(?![\w/-])/,
    named,
  ],
  /* error: text; Warning: text; npm warn text; fail: Name[0] */
  [
    /^\s*(?:npm |yarn )?(trace|trce|debug|dbug|info|notice|warn|warning|error|err|fail|fatal|critical|crit|panic)(?:[:!]| {1,2}(?=[^\s=]))/i,
    named,
  ],
  [/^(?:fatal error:|panic:|thread '.*' panicked at|Segmentation fault)/, () => 'fatal'],
  /* The first line of a stack trace. */
  [
    /^(?:Traceback \(most recent call last\)|Exception in thread|Caused by:|(?:Uncaught )?[\w.$]*(?:Error|Exception)\b(?: \[\w+\])?(?::|$))/,
    () => 'error',
  ],
];

function levelOfText(head: string): Level | undefined {
  for (const [form, read] of FORMS) {
    const match = form.exec(head);
    if (match) return read(match);
  }
  return undefined;
}
