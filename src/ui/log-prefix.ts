/**
 * `web-1  | `: who wrote a line, as wide for all, in a colour that goes by the service's name.
 */
import type { LogSource } from '../engine/engine.ts';

/* SGR codes; red is left to errors. */
const COLORS = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94] as const;

export type Prefixes = {
  /** Names that will come, so that they need not move the others later. */
  learn(sources: readonly LogSource[], services: readonly string[]): void;
  of(source: LogSource): Buffer;
};

export function logPrefixes({ colors }: { readonly colors: boolean }): Prefixes {
  const codes = new Map<string, number>();
  const made = new Map<string, Buffer>();
  let width = 0;

  const widen = (source: LogSource) => {
    const { length } = nameOf(source);
    if (length <= width) return;
    width = length;
    made.clear();
  };
  return {
    learn(sources, services) {
      for (const service of [...services].sort()) claimColor(codes, service);
      for (const source of sources) widen(source);
    },
    of(source) {
      const name = nameOf(source);
      const known = made.get(name);
      if (known) return known;
      widen(source);
      const text = `${name.padEnd(width)} | `;
      const prefix = Buffer.from(colors ? `\x1b[${claimColor(codes, source.service)}m${text}\x1b[0m` : text);
      made.set(name, prefix);
      return prefix;
    },
  };
}

function nameOf({ container, service, replica, oneOff }: LogSource): string {
  return oneOff ? container : `${service}-${replica}`;
}

/** Its own by its name; the next free one when another service has that. */
function claimColor(codes: Map<string, number>, service: string): number {
  const known = codes.get(service);
  if (known !== undefined) return known;
  const first = hash(service) % COLORS.length;
  const order = COLORS.map((_, step) => COLORS[(first + step) % COLORS.length]!);
  const taken = new Set(codes.values());
  const code = order.find((color) => !taken.has(color)) ?? order[0]!;
  codes.set(service, code);
  return code;
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value;
}
