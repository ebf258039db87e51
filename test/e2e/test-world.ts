/**
 * A world of its own for one end-to-end test file: state roots, a network namespace, a project folder.
 *
 * Commands run as a person would run them, through bin/berth, inside the namespace. `close` stops the engine and
 * names everything that was left behind.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { differences, takeSnapshot } from './leak-check.ts';

export const REPO = join(dirname(fileURLToPath(import.meta.url)), '../..');
export const BERTH = join(REPO, 'bin/berth');

export type Result = { readonly code: number; readonly stdout: string; readonly stderr: string };

export type TestWorld = {
  readonly folder: string;
  readonly netns: string;
  readonly dataRoot: string;
  readonly runRoot: string;
  readonly env: NodeJS.ProcessEnv;
  /** Writes a file into the project folder; returns its path. */
  write(name: string, text: string): string;
  berth(...args: string[]): Result;
  /** Starts berth and leaves it running. */
  spawn(args: readonly string[], options?: { readonly stdin?: 'pipe' | 'ignore' }): ReturnType<typeof spawn>;
  /** Runs any program inside the world's network namespace. */
  inside(program: string, ...args: string[]): Result;
  /** Body and status of an HTTP GET made inside the namespace. */
  get(url: string): { readonly status: number; readonly body: string };
  /** JSON of `berth ps --json -a`. */
  ps(...args: string[]): PsRow[];
  enginePid(): number;
  /** Differences between now and the world's beginning, but for the engine itself. */
  leaks(): string[];
  close(): void;
};

export type PsRow = {
  readonly Name: string;
  readonly Service: string;
  readonly State: string;
  readonly Health: string;
  readonly ExitCode: number;
  readonly Pid: number;
  readonly ID: string;
  readonly Restarts: number;
  readonly Replica: number;
  readonly OOMKilled: boolean;
  readonly Publishers: readonly { readonly URL: string; readonly TargetPort: number; readonly PublishedPort: number }[];
};

export function testWorld(name: string): TestWorld {
  const base = mkdtempSync(join(tmpdir(), `berth-${name}-`));
  const folder = join(base, name);
  const dataRoot = join(base, 'data');
  const runRoot = join(base, 'run');
  const netns = `berth-t-${process.pid}-${name}`;
  mkdirSync(folder, { recursive: true });
  execFileSync('ip', ['netns', 'add', netns]);
  execFileSync('ip', ['-n', netns, 'link', 'set', 'lo', 'up']);
  const env: NodeJS.ProcessEnv = { ...process.env, BERTH_DATA_ROOT: dataRoot, BERTH_RUN_ROOT: runRoot, NO_COLOR: '1' };
  delete env.NODE_EXTRA_CA_CERTS;
  const before = takeSnapshot(netns, [dataRoot, runRoot]);

  const inside = (program: string, ...args: string[]): Result => {
    const run = spawnSync('nsenter', [`--net=/run/netns/${netns}`, program, ...args], {
      cwd: folder,
      env,
      encoding: 'utf8',
      timeout: 90_000,
      maxBuffer: 256 * 1024 * 1024,
    });
    return { code: run.status ?? 128, stdout: run.stdout, stderr: run.stderr };
  };
  const berth = (...args: string[]) => inside(BERTH, ...args);
  const stopEngine = () => berth('engine', 'stop');
  const isEngine = (line: string) =>
    /^processes: \+ \d+ berth-(engine|launcher|watcher)\b/.test(line) ||
    /^sockets: .*engine\.sock/.test(line) ||
    /^cgroups: \+ .*\/berth-[0-9a-f]{4}$/.test(line);
  const leaks = () => differences(before, takeSnapshot(netns, [dataRoot, runRoot])).filter((line) => !isEngine(line));

  return {
    folder,
    netns,
    dataRoot,
    runRoot,
    env,
    write(file, text) {
      const path = join(folder, file);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      return path;
    },
    berth,
    spawn: (args, options = {}) =>
      spawn('nsenter', [`--net=/run/netns/${netns}`, BERTH, ...args], {
        cwd: folder,
        env,
        stdio: [options.stdin ?? 'ignore', 'pipe', 'pipe'],
      }),
    inside,
    get(url) {
      const run = inside('curl', '-sS', '-m', '10', '-w', '\n%{http_code}', url);
      const at = run.stdout.lastIndexOf('\n');
      return { status: Number(run.stdout.slice(at + 1)), body: run.stdout.slice(0, at) };
    },
    ps: (...args) => JSON.parse(berth('ps', '-a', '--json', ...args).stdout) as PsRow[],
    enginePid: () => (JSON.parse(berth('engine', 'status', '--json').stdout) as { Pid: number }).Pid,
    leaks,
    close() {
      stopEngine();
      const left = differences(before, takeSnapshot(netns, [dataRoot, runRoot]));
      execFileSync('ip', ['netns', 'del', netns]);
      rmSync(base, { recursive: true, force: true });
      if (left.length > 0) throw new Error(`left behind:\n${left.join('\n')}`);
    },
  };
}

/** Asks again and again until the answer is not undefined or false; for facts that come by themselves. */
export async function eventually<T>(
  check: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = 10_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await check();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`it did not come true within ${withinMs} ms: ${check.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
