/** `up` in the foreground: logs, Ctrl-C once and twice, a terminal that goes away. */
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;

beforeAll(() => {
  world = testWorld('attached');
});
afterEach(() => {
  world.berth('down', '-v');
  expect(world.leaks()).toEqual([]);
});
afterAll(() => world.close());

type Attached = { readonly up: ChildProcess; readonly output: () => string; readonly ended: Promise<number | null> };

function attach(services: string): Attached {
  world.write('stack.yaml', `services:\n${services}`);
  const up = world.spawn(['up']);
  let text = '';
  up.stdout!.on('data', (chunk) => (text += chunk));
  up.stderr!.on('data', (chunk) => (text += chunk));
  return { up, output: () => text, ended: new Promise((resolve) => up.once('exit', resolve)) };
}

/** nsenter has become berth by exec: the signal reaches the command itself. */
const interrupt = ({ up }: Attached) => process.kill(up.pid!, 'SIGINT');

const POLITE = `  polite:
    image: host
    command: ["sh", "-c", "trap 'echo goodbye; exit 0' TERM; echo hello; while true; do sleep 0.05; done"]
`;
const STUBBORN = `  stubborn:
    image: host
    command: ["sh", "-c", "trap 'echo no' TERM; echo hello; while true; do sleep 0.05; done"]
    stop_grace_period: 60s
`;

test('logs are shown with the name of their service, and one Ctrl-C stops with grace', async () => {
  const attached = attach(POLITE);
  await eventually(() => attached.output().includes('polite-1 | hello'));

  interrupt(attached);
  const code = await attached.ended;

  expect(world.ps().map((row) => [row.State, row.ExitCode])).toEqual([['exited', 0]]);
  expect(attached.output()).toContain('polite-1 | goodbye');
  expect(code).toBe(130);
});

test('a second Ctrl-C kills what does not want to end', async () => {
  const attached = attach(STUBBORN);
  await eventually(() => attached.output().includes('hello'));

  interrupt(attached);
  await eventually(() => attached.output().includes('no'));
  interrupt(attached);
  await attached.ended;

  expect(world.ps().map((row) => [row.State, row.ExitCode])).toEqual([['exited', 137]]);
});

test('when every service has ended, so has up', async () => {
  const attached = attach('  job:\n    image: host\n    command: ["sh", "-c", "echo done"]\n');

  const code = await attached.ended;

  expect([code, attached.output().includes('job-1 | done')]).toEqual([0, true]);
});

test('a terminal that goes away stops nothing', async () => {
  const attached = attach(POLITE);
  await eventually(() => attached.output().includes('hello'));
  const { Pid } = world.ps()[0]!;

  process.kill(attached.up.pid!, 'SIGKILL');
  await attached.ended;

  expect(world.ps().map((row) => [row.State, row.Pid])).toEqual([['running', Pid]]);
  expect(readFileSync(`/proc/${Pid}/comm`, 'utf8')).not.toBe('');
});
