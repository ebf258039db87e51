/**
 * Watches a container come up from outside: ports, an answer, a line of its output.
 *
 * Owns what each check means and when it is tried; how listeners are seen and
 * lines are read is the caller's. Waits for edges: a check of a port is tried
 * when something listens there, and only an answer that is not yet right is
 * asked for again.
 */
import { once } from 'node:events';
import { request } from 'node:http';
import { createConnection } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { deadline } from '../base/deadline.ts';
import { assertNever } from '../base/errors.ts';

export type ReadySpec = { readonly checks: readonly ReadyCheck[]; readonly timeoutMs: number };

export type ReadyCheck =
  | { readonly kind: 'tcp' | 'listen'; readonly port: number }
  | { readonly kind: 'http'; readonly port: number; readonly path: string; readonly status: number | null }
  | { readonly kind: 'log'; readonly pattern: string };

/** What the checks are made with. */
export type ReadyHands = {
  /** Where the container is reached from this process. */
  readonly address: string;
  /** Resolves once something in the container listens on `port`. */
  readonly listening: (port: number, signal: AbortSignal) => Promise<void>;
  /** Lines of its output since its start, as they come. */
  readonly lines: (signal: AbortSignal) => AsyncIterable<string>;
};

export type ReadyHandle = {
  /** Why it is not ready yet; empty once it is. */
  missing(): string;
  stop(): void;
};

export type ReadyHeard = {
  readonly onReady: () => void;
  /** The time is over. It may still become ready. */
  readonly onLate: () => void;
};

const FIRST_PAUSE_MS = 10;
const MAX_PAUSE_MS = 250;
/** One answer may take this long. */
const ANSWER_MS = 5_000;

/** Watches until stopped, or until everything was seen. */
export function watchReady(spec: ReadySpec, hands: ReadyHands, heard: ReadyHeard): ReadyHandle {
  const stop = new AbortController();
  const missing = new Map(spec.checks.map((check) => [check, startText(check)]));
  const late = setTimeout(heard.onLate, spec.timeoutMs);
  const watchOne = async (check: ReadyCheck) => {
    await untilSeen(check, hands, { signal: stop.signal, tell: (why) => void missing.set(check, why) });
    missing.delete(check);
    if (missing.size > 0 || stop.signal.aborted) return;
    clearTimeout(late);
    heard.onReady();
  };
  for (const check of spec.checks) {
    watchOne(check).catch((error: unknown) => {
      missing.set(check, error instanceof Error ? error.message : String(error));
    });
  }
  return {
    missing: () => [...missing.values()].join('; '),
    stop() {
      clearTimeout(late);
      stop.abort();
    },
  };
}

function startText(check: ReadyCheck): string {
  return check.kind === 'log'
    ? `no line of its output matches /${check.pattern}/`
    : `nothing listens on port ${check.port}`;
}

type Seeing = { readonly signal: AbortSignal; readonly tell: (why: string) => void };

async function untilSeen(check: ReadyCheck, hands: ReadyHands, seeing: Seeing): Promise<void> {
  switch (check.kind) {
    case 'listen':
      return await hands.listening(check.port, seeing.signal);
    case 'tcp':
      await hands.listening(check.port, seeing.signal);
      return await insist(() => connects(hands.address, check.port, seeing.signal), seeing);
    case 'http':
      await hands.listening(check.port, seeing.signal);
      return await insist(() => answers(hands.address, check, seeing.signal), seeing);
    case 'log':
      return await untilLine(new RegExp(check.pattern), hands, seeing.signal);
    default:
      return assertNever(check);
  }
}

/** Asks until there is nothing wrong any more. */
async function insist(fault: () => Promise<string | undefined>, { signal, tell }: Seeing): Promise<void> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, MAX_PAUSE_MS)) {
    const why = await fault();
    if (why === undefined) return;
    tell(why);
    await sleep(pauseMs, undefined, { signal });
  }
}

/** What is wrong, undefined when the connection was accepted. */
async function connects(host: string, port: number, signal: AbortSignal): Promise<string | undefined> {
  const limit = deadline(signal, ANSWER_MS);
  const socket = createConnection({ host, port, signal: limit.signal });
  try {
    await once(socket, 'connect');
    return undefined;
  } catch (error) {
    return `a connection to ${host}:${port} failed (${textOf(error)}); is it only open on its own 127.0.0.1?`;
  } finally {
    limit.clear();
    socket.on('error', () => {}).destroy();
  }
}

type HttpCheck = Extract<ReadyCheck, { kind: 'http' }>;

async function answers(host: string, check: HttpCheck, signal: AbortSignal): Promise<string | undefined> {
  const { port, path, status } = check;
  const limit = deadline(signal, ANSWER_MS);
  /* Servers that look at the name they are called by know this one. */
  const headers = { host: `localhost:${port}`, 'user-agent': 'berth' };
  const asked = request({ host, port, path, headers, agent: false, signal: limit.signal }).end();
  try {
    const [response] = (await once(asked, 'response')) as [import('node:http').IncomingMessage];
    const code = response.statusCode ?? 0;
    const right = status === null ? code >= 200 && code < 400 : code === status;
    return right ? undefined : `GET ${path} on port ${port} is answered with ${code}`;
  } catch (error) {
    return `GET ${path} on port ${port} failed (${textOf(error)})`;
  } finally {
    limit.clear();
    asked.on('error', () => {}).destroy();
  }
}

async function untilLine(pattern: RegExp, hands: ReadyHands, signal: AbortSignal): Promise<void> {
  for await (const line of hands.lines(signal)) if (pattern.test(line)) return;
  /* Its output has ended, and so has it: what follows from that is its restart policy's. */
  await new Promise<never>((_, reject) => {
    const giveUp = () => reject(new Error('its output has ended'));
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
  });
}

function textOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
