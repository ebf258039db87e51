/**
 * Progress in a terminal: one line for each thing of the plan, which says what it does or waits for.
 *
 * Draws with listr2 on stderr. A line is done when the last step of its thing
 * is; the spinner stops with the plan, however that ends.
 */
import { Listr, ListrLogger, ProcessOutput } from 'listr2';
import type { EngineEvent } from '../engine/engine.ts';
import type { Plan, Step } from '../engine/plan.ts';
import { noteLine } from './output.ts';
import { pullProgress } from './pull-progress.ts';
import { doingText, doneText, secondsText, targetText, waitingText } from './step-text.ts';

type State = 'open' | 'running' | 'done' | 'failed' | 'skipped';

type Line = {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly settle: { resolve(): void; reject(error: Error): void; skip(text: string): void; title(text: string): void };
};

export type Progress = { readonly onEvent: (event: EngineEvent) => void; end(): Promise<void> };

export function liveProgress(): Progress {
  let drawing: Promise<unknown> = Promise.resolve();
  let board: Board | undefined;
  const pulls = pullProgress({ live: true });
  return {
    onEvent(event) {
      if (event.type === 'layer-progress') return pulls.take(event);
      if (event.type === 'plan' || event.type === 'notice') pulls.end();
      if (event.type === 'plan' && event.plan.steps.length > 0) {
        board = new Board(event.plan);
        drawing = board.draw();
      } else if (event.type === 'notice') noteLine(event.level === 'warning' ? `warning: ${event.text}` : event.text);
      else board?.take(event);
    },
    async end() {
      pulls.end();
      board?.giveUp();
      await drawing.catch(() => {});
    },
  };
}

class Board {
  readonly #plan: Plan;
  readonly #states = new Map<number, State>();
  readonly #notes = new Map<number, string>();
  readonly #lines: Line[];
  readonly #ms = new Map<number, number>();
  readonly #settled = new Set<Line>();

  constructor(plan: Plan) {
    this.#plan = plan;
    for (const step of plan.steps) this.#states.set(step.id, 'open');
    /* A service and its first replica are one line: people see one thing. */
    const names = [...new Set(plan.steps.map((step) => targetText(step.target)))];
    this.#lines = names.map((name) => ({
      name,
      steps: plan.steps.filter((step) => targetText(step.target) === name),
      settle: { resolve() {}, reject() {}, skip() {}, title() {} },
    }));
  }

  /** Resolves when every line is settled. */
  draw(): Promise<unknown> {
    const output = new ProcessOutput(process.stderr, process.stderr);
    const tasks = this.#lines.map((line) => ({
      title: this.#title(line),
      task: (_: unknown, task: { title?: string; skip(text?: string): void }) =>
        new Promise<void>((resolve, reject) => {
          Object.assign(line.settle, {
            resolve,
            reject,
            skip: (text: string) => {
              task.skip(text);
              resolve();
            },
            title: (text: string) => {
              task.title = text;
            },
          });
        }),
    }));
    const logger = new ListrLogger({ processOutput: output, useIcons: false });
    return new Listr(tasks, {
      concurrent: true,
      exitOnError: false,
      registerSignalListeners: false,
      rendererOptions: { logger, showErrorMessage: false, collapseErrors: false },
    }).run();
  }

  take(event: EngineEvent): void {
    if (!('step' in event)) return;
    const state = STATE_AFTER[event.type];
    if (state) this.#states.set(event.step, state);
    if (event.type === 'step-done') this.#ms.set(event.step, event.ms);
    if (event.type === 'step-done' && event.note) this.#notes.set(event.step, event.note);
    for (const line of this.#lines) this.#show(line);
  }

  /** The call has ended: nothing more comes for lines that are open. */
  giveUp(): void {
    for (const line of this.#lines) if (!this.#settled.has(line)) line.settle.skip(this.#title(line));
  }

  #show(line: Line): void {
    if (this.#settled.has(line)) return;
    const states = line.steps.map((step) => this.#states.get(step.id));
    line.settle.title(this.#title(line));
    const failed = states.includes('failed');
    const isOver = failed || states.every((state) => state === 'done' || state === 'skipped');
    if (!isOver) return;
    this.#settled.add(line);
    if (failed) line.settle.reject(new Error('failed'));
    else if (states.includes('skipped')) line.settle.skip(this.#title(line));
    else line.settle.resolve();
  }

  #title({ name, steps }: Line): string {
    const running = steps.find((step) => this.#states.get(step.id) === 'running');
    if (running) return `${name}  ${doingText(running)}`;
    const failed = steps.find((step) => this.#states.get(step.id) === 'failed');
    if (failed) return `${name}  ${doingText(failed)} failed`;
    const next = steps.find((step) => this.#states.get(step.id) === 'open');
    if (next) return `${name}  ${waitingText(this.#plan, next, (id) => this.#isOpen(id))}`;
    /* That it is healthy says more than that it runs. */
    const last = steps.findLast((step) => step.op.kind === 'wait' && step.op.condition !== 'running') ?? steps.at(-1)!;
    const notes = steps.flatMap((step) => this.#notes.get(step.id) ?? []);
    const time = secondsText(steps.reduce((sum, step) => sum + (this.#ms.get(step.id) ?? 0), 0));
    return `${name}  ${doneText(last)} ${[time, ...notes].join('; ')}`;
  }

  #isOpen(id: number): boolean {
    const state = this.#states.get(id);
    return state === 'open' || state === 'running';
  }
}

const STATE_AFTER: Readonly<Partial<Record<EngineEvent['type'], State>>> = {
  'step-started': 'running',
  'step-done': 'done',
  'step-failed': 'failed',
  'step-skipped': 'skipped',
};
