/**
 * Progress of builds: a live list of steps with their times in a terminal, lines elsewhere.
 */

import type { BuildEvent } from '../build/build.ts';
import { paletteFor, withoutControls } from './colors.ts';
import { noteLine } from './output.ts';
import { diagnosticLines } from './print-error.ts';
import { secondsText } from './step-text.ts';

export type BuildProgress = { onEvent(event: BuildEvent): void; end(): void };

/** One line for each thing that happened, output included. */
export function plainBuildProgress(write: (line: string) => void = noteLine): BuildProgress {
  const paint = paletteFor(process.stderr);
  return {
    onEvent(event) {
      switch (event.kind) {
        case 'warning':
          return diagnosticLines(event.diagnostic, paint).forEach(write);
        case 'step-started':
          return write(`#${event.step} ${event.title}`);
        case 'step-done':
          return write(`#${event.step} ${event.cached ? 'cached' : `done ${secondsText(event.ms)}`}`);
        case 'step-failed':
          return write(`#${event.step} failed ${secondsText(event.ms)}`);
        case 'output':
          for (const line of event.text.split('\n').slice(0, -1)) write(`#${event.step} ${withoutControls(line)}`);
      }
    },
    end() {},
  };
}

type Line = {
  readonly title: string;
  readonly startedAt: number;
  state: 'running' | 'done' | 'cached' | 'failed';
  ms: number;
  /** The last lines that it printed. */
  tail: string[];
};

const TAIL = 4;
const REDRAW_MS = 100;

/** Draws over itself ten times a second. `signal`: what is said when it comes is one line, which is kept as the last. */
export function liveBuildProgress(signal?: AbortSignal, stream: NodeJS.WriteStream = process.stderr): BuildProgress {
  const paint = paletteFor(stream);
  const lines = new Map<number, Line>();
  let drawn = 0;
  let isEnded = false;

  const draw = () => {
    const { columns = 80, rows = 24 } = stream;
    const all = [...lines.values()].flatMap((line) =>
      textsOf(line, { isEnded, columns: columns - 1 }).map((text) => painted(line, text)),
    );
    const shown = isEnded ? all : all.slice(-Math.max(1, rows - 3));
    if (signal?.aborted) shown.push('ending the build');
    const body = shown.map((text) => `\x1b[2K${text}\n`).join('');
    stream.write(`${drawn > 0 ? `\x1b[${drawn}A` : ''}${body}\x1b[J`);
    drawn = shown.length;
  };
  const painted = (line: Line, text: string) => {
    if (text.startsWith('   ')) return paint.dim(text);
    return line.state === 'failed' ? paint.red(text) : line.state === 'running' ? paint.bold(text) : text;
  };
  const timer = setInterval(draw, REDRAW_MS);
  timer.unref();
  const onAbort = () => {
    drawn += 1;
  };
  signal?.addEventListener('abort', onAbort);

  return {
    onEvent(event) {
      if (event.kind === 'warning') {
        if (drawn > 0) stream.write(`\x1b[${drawn}A\x1b[J`);
        drawn = 0;
        for (const line of diagnosticLines(event.diagnostic, paint)) noteLine(line);
        return;
      }
      if (event.kind === 'step-started') {
        lines.set(event.step, { title: event.title, startedAt: performance.now(), state: 'running', ms: 0, tail: [] });
        return;
      }
      const line = lines.get(event.step);
      if (!line) return;
      if (event.kind === 'output') {
        line.tail = [...line.tail, ...event.text.split('\n').slice(0, -1)].slice(-TAIL);
        return;
      }
      line.ms = event.ms;
      line.state = event.kind === 'step-failed' ? 'failed' : event.cached ? 'cached' : 'done';
    },
    end() {
      clearInterval(timer);
      signal?.removeEventListener('abort', onAbort);
      isEnded = true;
      draw();
    },
  };
}

type Room = { readonly isEnded: boolean; readonly columns: number };

/** The time is always there; a title that is too long is cut. */
function textsOf({ title, startedAt, state, ms, tail }: Line, { isEnded, columns }: Room): string[] {
  const sign = { running: '·', done: '✔', cached: '✔', failed: '✖' }[state];
  const time = state === 'cached' ? 'cached' : secondsText(state === 'running' ? performance.now() - startedAt : ms);
  const below =
    state === 'running' && !isEnded ? tail.map((line) => cut(`     ${withoutControls(line)}`, columns)) : [];
  return [`${sign} ${cut(withoutControls(title), columns - time.length - 4)}  ${time}`, ...below];
}

function cut(text: string, columns: number): string {
  return text.length > columns ? `${text.slice(0, Math.max(1, columns - 1))}…` : text;
}
