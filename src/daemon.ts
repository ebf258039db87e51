/**
 * The engine's process: opens the engine, serves its socket, ends when idle or told to.
 *
 * Crash-only: nothing here has to run for containers, logs or exit codes to be
 * kept. stdout and stderr are the engine's log file.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { untilAnotherAnswers } from './api/connect.ts';
import { type ApiServer, serveApi } from './api/server.ts';
import { BerthError } from './base/errors.ts';
import { failpointsOf } from './base/failpoint.ts';
import { type Roots, rootsFromEnvironment } from './base/roots.ts';
import { packageRoot } from './commands/berth-command.ts';
import { type EngineOptions, type OpenEngine, openEngine } from './engine/local.ts';
import { executorPath } from './runtime/executor-path.ts';

const IDLE_MS = Number(process.env.BERTH_IDLE_MS ?? 60_000);
const CLOSE_GRACE_MS = 2_000;

async function run(): Promise<void> {
  process.title = 'berth-engine';
  failpointsOf('engine');
  const roots = rootsFromEnvironment(process.env, process.geteuid?.() ?? 0);
  const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
  let end: () => void = () => {};
  const told = new Promise<void>((resolve) => {
    end = resolve;
  });
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  const open = await openUnlessAnother(roots, { roots, executor: executorPath(), version, log: logLine, onStop: end });
  let idle: () => void = () => {};
  const server = await serveApi({ socketPath: roots.engineSocket, engine: open.engine, onActivity: () => idle() });
  idle = idleWatch(open, () => server, end);
  logLine(`engine ${version} listens on ${roots.engineSocket}, pid ${process.pid}`);
  await told;
  await server.close(CLOSE_GRACE_MS);
  await open.close();
  process.exit(0);
}

/** Two commands may start an engine at once: the one whose engine is slower has nothing to wait for. */
async function openUnlessAnother({ engineSocket }: Roots, options: EngineOptions): Promise<OpenEngine> {
  const opened = new AbortController();
  const opening = openEngine(options);
  void untilAnotherAnswers(engineSocket, opened.signal).then(() => {
    if (opened.signal.aborted) return;
    logLine(`engine pid ${process.pid} ends: another one answers on ${engineSocket}`);
    process.exit(0);
  });
  try {
    return await opening;
  } finally {
    opened.abort();
  }
}

/** Asked after each request and each change; ends the engine when it has had nothing to do for a while. */
function idleWatch(open: OpenEngine, server: () => ApiServer, end: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const check = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (open.isIdle() && server().busy() === 0) end();
      else check();
    }, IDLE_MS);
  };
  check();
  return check;
}

function logLine(text: string): void {
  process.stderr.write(`${new Date().toISOString()} ${text}\n`);
}

process.on('unhandledRejection', (error) =>
  logLine(`unhandled: ${error instanceof Error ? error.stack : String(error)}`),
);

run().catch((error: unknown) => {
  if (error instanceof BerthError) logLine(`${error.code}: ${error.message}${error.hint ? ` (${error.hint})` : ''}`);
  else logLine(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exit(1);
});
