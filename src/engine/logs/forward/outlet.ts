/**
 * Where lines are sent: a connection to a syslog server, or a program. One attempt; it fails when the target is away.
 */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6, type NetConnectOpts, connect as netConnect } from 'node:net';
import type { Writable } from 'node:stream';
import { assertNever } from '../../../base/errors.ts';
import type { LogText } from '../../../logs/join-parts.ts';
import type { LogForward, SyslogTarget } from '../../../model/service-logs.ts';
import { type SyslogSender, syslogMessage, withLength } from './syslog-message.ts';

export type Outlet = {
  /** Rejects when the target has gone; never resolves. */
  readonly gone: Promise<never>;
  /** Resolves when the target's buffer has room again; rejects when the target is away. */
  send(lines: readonly LogText[]): Promise<void>;
  /** Nothing more comes: resolves when the target has taken all. */
  end(): Promise<void>;
  /** At once. */
  destroy(): void;
};

export type OutletOptions = SyslogSender & { readonly environment: Readonly<Record<string, string>> };

const CONNECT_MS = 10_000;
const END_MS = 10_000;
/** What a datagram holds. */
const MOST_DATAGRAM_BYTES = 65_000;

/** Rejects when the target can not be reached. */
export async function openOutlet(forward: LogForward, options: OutletOptions): Promise<Outlet> {
  switch (forward.kind) {
    case 'syslog':
      return forward.to.protocol === 'udp'
        ? await openDatagrams(forward.to, options)
        : await openStream(forward.to, options);
    case 'command':
      return await openProgram(forward, options);
    default:
      return assertNever(forward);
  }
}

async function openStream(to: Exclude<SyslogTarget, { protocol: 'udp' }>, options: OutletOptions): Promise<Outlet> {
  const place: NetConnectOpts = to.protocol === 'unix' ? { path: to.path } : { host: hostOf(to.host), port: to.port };
  const socket = netConnect(place);
  socket.setTimeout(CONNECT_MS, () => socket.connecting && socket.destroy(new Error('no answer')));
  await once(socket, 'connect');
  socket.setTimeout(0);
  socket.setKeepAlive(true, 30_000);
  /* Its end is its answer: it takes no more. */
  socket.resume();
  const bytesOf = (line: LogText) => withLength(syslogMessage(line, options));
  return overStream(socket, { bytesOf, closed: once(socket, 'close') });
}

async function openProgram(forward: Extract<LogForward, { kind: 'command' }>, options: OutletOptions): Promise<Outlet> {
  const [program = '', ...args] = forward.command;
  const env = { ...process.env, ...options.environment };
  const child = spawn(program, args, { cwd: forward.folder, env, stdio: ['pipe', 'ignore', 'ignore'] });
  await once(child, 'spawn');
  const closed = once(child, 'exit');
  const bytesOf = ({ text }: LogText) => Buffer.concat([text, NEWLINE]);
  const outlet = overStream(child.stdin, { bytesOf, closed });
  return {
    ...outlet,
    destroy() {
      outlet.destroy();
      child.kill('SIGTERM');
    },
  };
}

const NEWLINE = Buffer.from('\n');

type StreamOptions = {
  readonly bytesOf: (line: LogText) => Buffer;
  /** The other side has gone. */
  readonly closed: Promise<unknown>;
};

function overStream(stream: Writable, { bytesOf, closed }: StreamOptions): Outlet {
  let failure: Error | undefined;
  const gone = closed.then(
    () => Promise.reject(failure ?? new Error('the connection was closed')),
    (error: Error) => Promise.reject(error),
  );
  gone.catch(() => {});
  stream.on('error', (error) => {
    failure = error;
  });
  return {
    gone,
    async send(lines) {
      if (lines.length === 0) return;
      if (stream.destroyed || stream.writableEnded) return await gone;
      const isTaken = stream.write(Buffer.concat(lines.map(bytesOf)));
      if (!isTaken) await Promise.race([once(stream, 'drain'), gone]);
    },
    async end() {
      const timer = setTimeout(() => stream.destroy(), END_MS);
      stream.end();
      await closed.catch(() => {});
      clearTimeout(timer);
    },
    destroy: () => void stream.destroy(),
  };
}

/** Each line is a datagram of its own; a longer one is cut. What the network loses is lost. */
async function openDatagrams(
  to: { readonly host: string; readonly port: number },
  options: OutletOptions,
): Promise<Outlet> {
  const host = hostOf(to.host);
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  socket.connect(to.port, host);
  await once(socket, 'connect');
  let failure: Error | undefined;
  const gone = new Promise<never>((_, reject) => {
    socket.on('error', (error) => {
      failure = error;
      reject(error);
    });
  });
  gone.catch(() => {});
  const sendOne = (message: Buffer) =>
    new Promise<void>((resolve, reject) => socket.send(message, (error) => (error ? reject(error) : resolve())));
  return {
    gone,
    async send(lines) {
      for (const line of lines) {
        if (failure) throw failure;
        await sendOne(syslogMessage(line, options).subarray(0, MOST_DATAGRAM_BYTES));
      }
    },
    async end() {},
    destroy: () => void socket.close(),
  };
}

/** An address of version 6 stands in brackets in a URL. */
function hostOf(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}
