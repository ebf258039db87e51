/**
 * `up` in the foreground: progress, then the logs of the services, until they end, one of them ends that was
 * waited for, or Ctrl-C stops them.
 *
 * The first Ctrl-C stops the services with their grace, the second kills them.
 * The engine does the stopping: a terminal that goes away stops nothing.
 */
import { BerthError } from '../base/errors.ts';
import type { EndedContainer } from '../engine/answers.ts';
import type { Engine, UpRequest, UpResult } from '../engine/engine.ts';
import { type Interrupt, listenForInterrupt } from './interrupt.ts';
import { type LogFormat, printLogs } from './log-printer.ts';
import { noteLine } from './output.ts';
import { resumingLogs } from './resume-logs.ts';
import { showProgress } from './show-progress.ts';
import { openMenu } from './up-menu.ts';
import { upSummaryLines } from './up-summary.ts';
import type { WatchSwitch } from './watch-switch.ts';

export type AttachedView = {
  readonly format: LogFormat;
  /** Services whose logs are shown. */
  readonly services: readonly string[];
  /** Stop everything as soon as a container ends, or ends with another code than 0. */
  readonly abortOn: 'exit' | 'failure' | null;
  /** Whose exit code is the command's; null: that of the container that ended first. */
  readonly exitCodeFrom: string | null;
  readonly menu: boolean;
  /** Progress without details. */
  readonly terse: boolean;
  /** The engine that comes after one that was killed. */
  readonly reconnect: () => Promise<Engine>;
  /** Files that are watched while the logs are shown; null: there is nothing to watch. */
  readonly watch: WatchSwitch | null;
};

/** For the last lines of a log that stays open when nothing writes it any more. */
const LAST_LINES_MS = 200;

/** Resolves when nothing of the services runs any more, or they were left running; sets the command's exit code. */
export async function followAttached(engine: Engine, request: UpRequest, view: AttachedView): Promise<UpResult> {
  const interrupt = listenForInterrupt('stopping; Ctrl-C again kills');
  const startedAtMs = Date.now();
  try {
    const result = await showProgress({ signal: interrupt.signal, terse: view.terse }, (watch) =>
      engine.up(request, watch),
    );
    for (const line of upSummaryLines(result)) noteLine(line);
    await view.watch?.begin();
    await followUntilStopped(engine, request, { interrupt, view, startedAtMs, result });
    return result;
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    await view.watch?.end();
    await stopAll(engine, request, interrupt);
    throw new BerthError('ABORTED', 'interrupted', { cause: error });
  } finally {
    interrupt.close();
  }
}

type Following = {
  readonly interrupt: Interrupt;
  readonly view: AttachedView;
  readonly startedAtMs: number;
  readonly result: UpResult;
};

/** The log ends by itself when nothing writes it any more: then every line of it has been shown. */
async function followUntilStopped(engine: Engine, request: UpRequest, following: Following): Promise<void> {
  const { interrupt, view, startedAtMs } = following;
  const over = new AbortController();
  const menu = openMenu(view.menu, view.watch);
  void view.watch?.show(over.signal).catch(() => {});
  const stack = request.stack.name;
  /* What ends may be started again by a change. */
  const keepOpen = view.watch?.isOn() ?? false;
  const logs = { stack, services: view.services, follow: true, keepOpen, sinceMs: startedAtMs };
  const printing =
    view.services.length === 0
      ? allStopped(engine, request, over.signal)
      : printLogs(resumingLogs(engine, logs, { reconnect: view.reconnect, signal: over.signal }), view.format);
  const ended = firstEnd(engine, following, over.signal);
  try {
    const first = await Promise.race([printing, aborted(interrupt.signal), aborted(menu.detach), ended]);
    if (menu.detach.aborted) return noteLine('left running: `berth logs -f` shows it again, `berth down` ends it');
    await view.watch?.end();
    if (interrupt.signal.aborted) {
      await stopAll(engine, request, interrupt);
      if (keepOpen) setTimeout(() => over.abort(), LAST_LINES_MS);
      await printing;
      throw new BerthError('ABORTED', 'interrupted');
    }
    /* The logs of the last one end with it: then its end is known as well. */
    const guilty = first ?? (view.abortOn ? await ended : undefined);
    if (guilty) await endAll(engine, request, { ...following, guilty, printing });
  } finally {
    menu.close();
    over.abort();
  }
}

async function allStopped(engine: Engine, { stack, services }: UpRequest, signal: AbortSignal): Promise<void> {
  await engine.waitStopped({ stack: stack.name, services }, signal).catch(() => {});
}

/** undefined when nobody asked, or nothing ended in a way that counts. */
async function firstEnd(
  engine: Engine,
  { view, startedAtMs, result }: Following,
  signal: AbortSignal,
): Promise<EndedContainer | undefined> {
  if (view.abortOn === null)
    return await new Promise<undefined>((resolve) => onAbort(signal, () => resolve(undefined)));
  const until = view.abortOn === 'exit' ? 'first' : 'first-failure';
  const containers = result.containers.map((row) => row.ID);
  const [first] = await engine.waitExit({ containers, until, sinceMs: startedAtMs }, signal).catch(() => []);
  return first;
}

type Ending = Following & { readonly guilty: EndedContainer; readonly printing: Promise<unknown> };

async function endAll(
  engine: Engine,
  request: UpRequest,
  { guilty, printing, interrupt, view }: Ending,
): Promise<void> {
  noteLine(`${guilty.name} has ended with exit code ${guilty.code}: stopping the others`);
  await stopAll(engine, request, interrupt);
  await printing;
  process.exitCode = view.exitCodeFrom === null ? guilty.code : await exitCodeOf(engine, request, view.exitCodeFrom);
}

async function exitCodeOf(engine: Engine, { stack }: UpRequest, service: string): Promise<number> {
  const rows = await engine.containers({ stack: stack.name, services: [service], all: true });
  return rows.find((row) => row.ExitCode !== 0)?.ExitCode ?? 0;
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => onAbort(signal, () => resolve(undefined)));
}

function onAbort(signal: AbortSignal, listener: () => void): void {
  if (signal.aborted) listener();
  else signal.addEventListener('abort', listener, { once: true });
}

async function stopAll(engine: Engine, request: UpRequest, interrupt: Interrupt): Promise<void> {
  const target = { stack: request.stack.name, services: broughtUp(request) };
  interrupt.onNext(() => void engine.kill({ ...target, signal: 'SIGKILL' }).catch(() => {}));
  try {
    await showProgress({}, (watch) => engine.stopServices({ ...target, graceMs: request.graceMs }, watch));
  } catch (error) {
    /* Nothing was there yet. */
    if (!(error instanceof BerthError && error.code === 'STACK_NOT_FOUND')) throw error;
  }
}

/** What was asked for, and what it depends on; empty: everything. */
function broughtUp({ stack, services, noDeps }: UpRequest): readonly string[] {
  if (noDeps || services.length === 0) return services;
  const all = new Set(services);
  for (const service of [...stack.services].reverse()) {
    if (all.has(service.name)) for (const { service: name } of service.dependsOn) all.add(name);
  }
  return stack.services.map((service) => service.name).filter((name) => all.has(name));
}
