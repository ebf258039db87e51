/**
 * `up` in the foreground: progress, then the logs of all services, until they end or Ctrl-C stops them.
 *
 * The first Ctrl-C stops the services with their grace, the second kills them.
 * The engine does the stopping: a terminal that goes away stops nothing.
 */
import { BerthError } from '../base/errors.ts';
import type { Engine, UpRequest, UpResult } from '../engine/engine.ts';
import { type Interrupt, listenForInterrupt } from './interrupt.ts';
import { type LogFormat, printLogs } from './log-printer.ts';
import { noteLine } from './output.ts';
import { showProgress } from './show-progress.ts';
import { upSummaryLines } from './up-summary.ts';

/** Resolves when nothing of the services runs any more. */
export async function followAttached(engine: Engine, request: UpRequest, format: LogFormat): Promise<UpResult> {
  const interrupt = listenForInterrupt('stopping; Ctrl-C again kills');
  const startedAtMs = Date.now();
  try {
    const result = await showProgress({ signal: interrupt.signal }, (watch) => engine.up(request, watch));
    for (const line of upSummaryLines(result)) noteLine(line);
    await followUntilStopped(engine, request, { interrupt, format, startedAtMs });
    return result;
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    await stopAll(engine, request, interrupt);
    throw new BerthError('ABORTED', 'interrupted', { cause: error });
  } finally {
    interrupt.close();
  }
}

type Following = { readonly interrupt: Interrupt; readonly format: LogFormat; readonly startedAtMs: number };

/** The log ends by itself when nothing writes it any more: then every line of it has been shown. */
async function followUntilStopped(
  engine: Engine,
  request: UpRequest,
  { interrupt, format, startedAtMs }: Following,
): Promise<void> {
  const target = { stack: request.stack.name, services: attachedServices(request) };
  const over = new AbortController();
  const printing = printLogs(engine.logs({ ...target, follow: true, sinceMs: startedAtMs }, over.signal), format);
  try {
    await Promise.race([printing, aborted(interrupt.signal)]);
    if (!interrupt.signal.aborted) return;
    await stopAll(engine, request, interrupt);
    await printing;
  } finally {
    over.abort();
  }
  throw new BerthError('ABORTED', 'interrupted');
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** `attach: false` keeps a service's log out. */
function attachedServices({ stack, services }: UpRequest): string[] {
  const wanted = services.length === 0 ? stack.services.map((s) => s.name) : services;
  return stack.services.filter((s) => s.attach && wanted.includes(s.name)).map((s) => s.name);
}

async function stopAll(engine: Engine, request: UpRequest, interrupt: Interrupt): Promise<void> {
  const target = { stack: request.stack.name, services: request.services };
  interrupt.onNext(() => void engine.kill({ ...target, signal: 'SIGKILL' }).catch(() => {}));
  try {
    await showProgress({}, (watch) => engine.stopServices({ ...target, graceMs: request.graceMs }, watch));
  } catch (error) {
    /* Nothing was there yet. */
    if (!(error instanceof BerthError && error.code === 'STACK_NOT_FOUND')) throw error;
  }
}
