/**
 * Layers on their way, in bytes: one line that is redrawn in a terminal, one line for each finished layer elsewhere.
 */
import { printBytes } from '../base/bytes.ts';
import type { EngineEvent } from '../engine/engine.ts';
import { noteLine } from './output.ts';

type Layer = { readonly state: string; readonly bytes: number; readonly total: number };

export type PullDisplay = { take(event: EngineEvent): void; end(): void };

const SHORT = 12;

export function pullProgress({ live }: { readonly live: boolean }): PullDisplay {
  const layers = new Map<string, Layer>();
  let drawn = false;
  const clear = () => {
    if (drawn) process.stderr.write('\r\u001b[K');
    drawn = false;
  };
  return {
    take(event) {
      if (event.type !== 'layer-progress') return;
      const before = layers.get(event.layer)?.state;
      layers.set(event.layer, event);
      if (!live && before !== event.state) printState(event);
      if (!live) return;
      clear();
      process.stderr.write(summaryOf(layers));
      drawn = true;
    },
    end: clear,
  };
}

function printState({ layer, state, total }: { layer: string; state: string; total: number }): void {
  const name = layer.replace('sha256:', '').slice(0, SHORT);
  if (state === 'done') noteLine(`${name}: pulled ${printBytes(total)}`);
  if (state === 'there') noteLine(`${name}: already there`);
}

/** One line, so that it never has to be found again on the screen. */
function summaryOf(layers: ReadonlyMap<string, Layer>): string {
  const all = [...layers.values()];
  const sum = (of: (layer: Layer) => number) => all.reduce((total, layer) => total + of(layer), 0);
  const finished = all.filter(({ state }) => state === 'done' || state === 'there').length;
  const unpacking = all.filter(({ state }) => state === 'unpacking').length;
  const rest = unpacking > 0 ? `, unpacking ${unpacking}` : '';
  const line = `${finished}/${all.length} layers, ${printBytes(sum((l) => l.bytes))} of ${printBytes(sum((l) => l.total))}${rest}`;
  return line.slice(0, Math.max(20, (process.stderr.columns ?? 80) - 1));
}
