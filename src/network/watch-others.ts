/**
 * Hears what others do to our part of the network: the executor's `watch-network` as batches of findings.
 *
 * The kernel says what has changed (docs/executor.md); nothing is asked for
 * here. A watcher that dies is started again, and everything counts as
 * changed meanwhile.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { bridgePrefix, portPrefix } from './bridge-name.ts';
import { tableName } from './firewall.ts';

export type Findings = {
  /** Bridges of ours that are gone, down or without an address; perhaps we did it. */
  readonly bridges: ReadonlySet<string>;
  /** A container's end is gone or on no bridge; perhaps the container is. */
  readonly ports: boolean;
  /** Transactions that touched our tables; perhaps our own. */
  readonly rules: number;
  readonly foreignRules: boolean;
  readonly foreignBridges: ReadonlySet<string>;
  readonly forwarding: boolean;
  /** Something was missed: all of it may have changed. */
  readonly lost: boolean;
};

export type Watcher = { close(): Promise<void> };

export type WatchOptions = {
  readonly executor: string;
  readonly tag: string;
  /** At most one call every tenth of a second. */
  readonly onFindings: (findings: Findings) => void;
};

/** One accident has many events: a deleted bridge takes its addresses and ports along. */
const GATHER_MS = 100;
const AGAIN_MS = 1000;

/** Resolves when nothing is missed any more. A watcher that can not be started at all is tried again, too. */
export async function watchOthers(options: WatchOptions): Promise<Watcher> {
  let child: ChildProcess | undefined;
  let again: NodeJS.Timeout | undefined;
  let isClosed = false;
  const gathered = gathering(options.onFindings);

  const start = (): Promise<void> =>
    new Promise((resolve) => {
      const { executor, tag } = options;
      const args = ['watch-network', tableName(tag), bridgePrefix(tag), portPrefix(tag)];
      const started = spawn(executor, args, { stdio: ['pipe', 'pipe', 'ignore'], detached: true, env: {} });
      child = started;
      started.stdin.on('error', () => {});
      createInterface({ input: started.stdout }).on('line', (line) => {
        if (line === 'ready') resolve();
        else gathered.add(line);
      });
      const ended = () => {
        resolve();
        if (isClosed || child !== started) return;
        child = undefined;
        gathered.add('lost');
        again = setTimeout(() => void start(), AGAIN_MS).unref();
      };
      started.once('error', ended);
      started.once('exit', ended);
    });

  await start();
  return {
    async close() {
      isClosed = true;
      clearTimeout(again);
      gathered.end();
      const ending = child;
      if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
      const ended = new Promise((resolve) => ending.once('exit', resolve));
      ending.stdin?.end();
      await ended;
    },
  };
}

type Gathering = { add(line: string): void; end(): void };

function gathering(onFindings: (findings: Findings) => void): Gathering {
  let lines: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  return {
    add(line) {
      lines.push(line);
      timer ??= setTimeout(() => {
        const all = lines;
        lines = [];
        timer = undefined;
        onFindings(findingsOf(all));
      }, GATHER_MS);
    },
    end: () => clearTimeout(timer),
  };
}

/** Lines of `watch-network` since the last findings. */
export function findingsOf(lines: readonly string[]): Findings {
  const namesAfter = (word: string) =>
    new Set(lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1)));
  return {
    bridges: namesAfter('bridge'),
    ports: lines.some((line) => line.startsWith('port ')),
    rules: lines.filter((line) => line === 'rules').length,
    foreignRules: lines.includes('foreign-rules'),
    foreignBridges: namesAfter('foreign-bridge'),
    forwarding: lines.includes('forwarding'),
    lost: lines.includes('lost'),
  };
}
