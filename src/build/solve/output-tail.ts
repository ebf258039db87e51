/**
 * A step's output, passed on in whole lines, its last ones kept for the message of a failure.
 */
import { StringDecoder } from 'node:string_decoder';

export type OutputTail = {
  add(data: Buffer): void;
  end(): void;
  lines(): readonly string[];
};

const KEPT = 20;
const MAX_LINE = 4096;

export function outputTail(onLines: (text: string) => void): OutputTail {
  const decoder = new StringDecoder('utf8');
  const kept: string[] = [];
  let open = '';
  const take = (text: string) => {
    const lines = (open + text).split(/\r?\n/);
    open = (lines.pop() ?? '').slice(-MAX_LINE);
    /* A progress bar draws over itself: only what it ends with is a line. */
    const whole = lines.map((line) => line.slice(line.lastIndexOf('\r') + 1).slice(0, MAX_LINE));
    if (whole.length === 0) return;
    onLines(`${whole.join('\n')}\n`);
    kept.push(...whole.slice(-KEPT).filter((line) => line.trim() !== ''));
    kept.splice(0, kept.length - KEPT);
  };
  return {
    add: (data) => take(decoder.write(data)),
    end() {
      if (open !== '') take('\n');
    },
    lines: () => kept,
  };
}
