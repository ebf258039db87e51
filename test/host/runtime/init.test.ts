/** PID 1 of a container: what it forwards, what it reaps; and the program as PID 1 itself. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningContainer } from '../../../src/runtime/runtime.ts';
import { collect } from './collector.ts';
import { eventually } from './eventually.ts';
import { type RuntimeWorld, runtimeWorld } from './runtime-world.ts';

let world: RuntimeWorld;

beforeAll(async () => {
  world = await runtimeWorld('init');
});
afterAll(() => world.close());

/** A script that has said `ready`. */
async function ready(script: string, init = true): Promise<RunningContainer> {
  const { container } = await world.start(['sh', '-c', script], { spec: { init, awaitAttach: true } });
  const seen = collect(await container.attach());
  await seen.see('ready');
  return container;
}

const childrenOf = (pid: number) =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter((text) => text !== '');

const LOOP = 'while :; do sleep 60 & wait $!; done';

test.each([
  ['TERM', 15],
  ['HUP', 1],
  ['USR1', 10],
  ['QUIT', 3],
])('SIG%s is forwarded to the program', async (name, number) => {
  const container = await ready(`trap 'exit 42' ${name}; echo ready; ${LOOP}`);

  await container.signal(number);

  expect(await container.exited).toMatchObject({ code: 42, signal: 0 });
});

test('a program without a handler dies of the signal: init is not deaf', async () => {
  const container = await ready('echo ready; exec sleep 60');

  await container.signal(15);

  expect(await container.exited).toMatchObject({ code: 143, signal: 15 });
});

test('orphans are adopted and reaped', async () => {
  const container = await ready('for i in $(seq 50); do (true &); done; echo ready; exec sleep 60');

  await eventually(() => childrenOf(container.pid).length === 1);

  expect(readFileSync(`/proc/${childrenOf(container.pid)[0]}/comm`, 'utf8')).toBe('sleep\n');
  await world.end(container);
});

test('when the program ends its children end', async () => {
  const container = await ready('sleep 61 & sleep 62 & echo ready; exit 3');

  expect(await container.exited).toMatchObject({ code: 3 });
  expect(await world.runtime.listCgroups()).toEqual([]);
});

test('init has no capability but that to kill', async () => {
  const container = await ready('echo ready; exec sleep 60');

  const status = readFileSync(`/proc/${container.pid}/status`, 'utf8');

  expect(/CapEff:\t0*(\w+)/.exec(status)![1]).toBe('20');
  expect(readFileSync(`/proc/${container.pid}/comm`, 'utf8')).toBe('berth-init\n');
  await world.end(container);
});

test('without init the program is PID 1', async () => {
  const ran = await world.run(['sh', '-c', 'echo $$; exit 6'], { spec: { init: false } });

  expect(ran).toMatchObject({ stdout: '1\n', exit: { code: 6 } });
});

test('without init a signal reaches a handler of the program', async () => {
  const container = await ready(`trap 'exit 42' TERM; echo ready; ${LOOP}`, false);

  await container.signal(15);

  expect(await container.exited).toMatchObject({ code: 42 });
});

test('without init the kernel keeps a signal without handler from PID 1, SIGKILL ends it', async () => {
  const container = await ready('echo ready; while :; do sleep 60; done', false);
  await container.signal(15);

  expect(await world.end(container)).toMatchObject({ code: 137, signal: 9 });
});

test('a signal to all reaches the children of the program too', async () => {
  const container = await ready(
    "trap '' TERM; (trap 'echo child; exit' TERM; echo ready; while :; do usleep 1000; done) & wait; exit 8",
  );

  await container.signalAll(15);

  expect(await container.exited).toMatchObject({ code: 8 });
});

test('a container that has ended can not be signalled', async () => {
  const { container } = await world.run(['true']);

  await expect(container.signal(15)).rejects.toMatchObject({ code: 'CONTAINER_NOT_RUNNING' });
});

test('the exit code of a program that kills itself is 128 and the signal', async () => {
  const { exit } = await world.run(['sh', '-c', 'kill -6 $$']);

  expect(exit).toMatchObject({ code: 134, signal: 6, oomKilled: false });
});

test('the record has the times of start and end', async () => {
  const before = Date.now();

  const { exit } = await world.run(['true']);

  const times = [exit.startedAt, exit.finishedAt];
  expect(times.every((time) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/.test(time))).toBe(true);
  expect(times).toEqual([...times].sort());
  expect(Date.parse(exit.startedAt)).toBeGreaterThanOrEqual(before - 1);
  expect(Date.parse(exit.finishedAt)).toBeLessThanOrEqual(Date.now());
});
