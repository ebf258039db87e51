/**
 * Lines and pieces of lines -> the text of a terminal or a pipe.
 *
 * Knows which line stands unfinished at the cursor: its next piece goes on
 * there; a line of somebody else begins a new one. On a terminal nothing
 * but colours gets through (safe-text.ts), and no colour outlives its line.
 */
import type { LogSource } from '../engine/engine.ts';
import type { LogText } from '../logs/join-parts.ts';
import { logPrefixes, type Prefixes } from './log-prefix.ts';
import { safeText, withoutColors } from './safe-text.ts';

export type TextStyle = {
  readonly prefix: boolean;
  readonly timestamps: boolean;
  readonly terminal: boolean;
  /** Colours are wanted: ours, and the lines' own on a terminal. */
  readonly colors: boolean;
  /** Takes the lines' own colours out where they would stay: `--ansi never`. */
  readonly strip: boolean;
};

export type LogTextWriter = {
  readonly prefixes: Prefixes;
  /** `text`: in place of the line's own. */
  add(source: LogSource, line: LogText, text?: Buffer): void;
  /** The line `--` of grep. */
  addGap(source: LogSource): void;
  /** All that was added since the last call. */
  taken(): Buffer;
  /** No line is unfinished at the cursor. */
  isAtLineStart(): boolean;
  /** Ends an unfinished line; then as `taken`. */
  end(): Buffer;
};

const NEWLINE = Buffer.from('\n');
const RESET = Buffer.from('\x1b[0m');
const GAP = Buffer.from('--');
const NOTHING = Buffer.alloc(0);
const ESCAPE = 0x1b;

export function logTextWriter(style: TextStyle): LogTextWriter {
  const prefixes = logPrefixes(style);
  const out: Buffer[] = [];
  const rests = new Map<string, Buffer>();
  let open: string | undefined;
  let colored = false;

  const endLine = () => {
    const rest = open === undefined ? undefined : rests.get(open);
    if (rest) out.push(bufferOf(safeText(rest, { colors: style.colors, ends: true }).text));
    if (open !== undefined) rests.delete(open);
    if (colored) out.push(RESET);
    out.push(NEWLINE);
    open = undefined;
    colored = false;
  };
  const begin = (source: LogSource, time?: string) => {
    if (open !== undefined) endLine();
    if (style.prefix) out.push(prefixes.of(source));
    if (style.timestamps && time !== undefined) out.push(Buffer.from(`${time} `));
  };
  const addSafe = (key: string, text: Buffer, ends: boolean) => {
    const rest = rests.get(key) ?? NOTHING;
    const safe = safeText(rest.length === 0 ? text : Buffer.concat([rest, text]), { colors: style.colors, ends });
    out.push(bufferOf(safe.text));
    colored ||= safe.colored;
    if (safe.rest.length > 0) rests.set(key, safe.rest);
    else rests.delete(key);
  };
  const addRaw = (text: Buffer) => {
    out.push(style.strip ? withoutColors(text) : text);
    colored ||= style.colors && text.includes(ESCAPE);
  };
  const taken = () => (out.length === 0 ? NOTHING : Buffer.concat(out.splice(0)));

  return {
    prefixes,
    add(source, line, text = line.text) {
      const key = `${source.container} ${line.stream}`;
      if (open !== key) begin(source, line.time);
      if (style.terminal) addSafe(key, text, line.ends);
      else addRaw(text);
      open = key;
      if (line.ends) endLine();
    },
    addGap(source) {
      begin(source);
      out.push(GAP);
      endLine();
    },
    taken,
    isAtLineStart: () => open === undefined,
    end() {
      if (open !== undefined) endLine();
      return taken();
    },
  };
}

function bufferOf(text: Buffer | string): Buffer {
  return typeof text === 'string' ? Buffer.from(text) : text;
}
