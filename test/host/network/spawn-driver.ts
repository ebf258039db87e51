/** Starts driver-process.ts in a namespace and speaks with it. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type ErrorData, errorFromData } from '../../../src/base/errors.ts';
import type { NetworkDriver, PluggedEnd } from '../../../src/network/network.ts';
import { executorPath } from '../../../src/runtime/executor-path.ts';

export type DriverProcess = NetworkDriver & {
  readonly pid: number;
  /** What it has logged. */
  log(): string;
  kill(signal: 'SIGKILL'): void;
};

export type DriverOptions = {
  readonly base: string;
  readonly netns: string;
  readonly tag: string;
  readonly runDir: string;
  readonly bundle: string;
  /** Folder of programs that go before the machine's. */
  readonly programs: string;
};

type Answer = { readonly id: number; readonly value?: unknown; readonly error?: ErrorData };

/** In a mount namespace too: it reads the world's resolv.conf. */
const SCRIPT = 'mount --bind "$1/resolv.conf" /etc/resolv.conf && shift && exec "$@"';

export function spawnDriver({ base, netns, tag, runDir, bundle, programs }: DriverOptions): DriverProcess {
  const args = [`--net=/run/netns/${netns}`, 'unshare', '--mount', 'sh', '-c', SCRIPT, 'sh', base];
  const child = spawn('nsenter', [...args, process.execPath, bundle, tag, runDir, executorPath()], {
    env: { ...process.env, PATH: `${programs}:${process.env.PATH}` },
  });
  let logged = '';
  let calls = 0;
  const waiting = new Map<number, (answer: Answer) => void>();
  child.stderr.on('data', (text) => {
    logged += text;
  });
  child.once('exit', (code) => {
    const error: ErrorData = { code: 'INTERNAL', message: `the driver ended with ${code}: ${logged}` };
    for (const [id, settle] of waiting) settle({ id, error });
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer = JSON.parse(line) as Answer;
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  const call = (method: keyof NetworkDriver, ...args: unknown[]) =>
    new Promise<unknown>((resolve, reject) => {
      const id = ++calls;
      waiting.set(id, ({ value, error }) => (error ? reject(errorFromData(error)) : resolve(value)));
      child.stdin.write(`${JSON.stringify({ id, method, args })}\n`);
    });
  return {
    pid: child.pid!,
    log: () => logged,
    kill: (signal) => void child.kill(signal),
    open: () => call('open') as Promise<void>,
    apply: (state) => call('apply', state) as Promise<void>,
    portClashes: (wanted) => call('portClashes', wanted) as ReturnType<NetworkDriver['portClashes']>,
    reservePort: (...wanted) => call('reservePort', ...wanted) as Promise<number>,
    findLooseEnds: <End extends PluggedEnd>(ends: readonly End[]) => call('findLooseEnds', ends) as Promise<End[]>,
    occupiedSubnets: () => call('occupiedSubnets') as Promise<string[]>,
    removeAll: () => call('removeAll') as Promise<void>,
    close: () => call('close') as Promise<void>,
  };
}
