/** One container from clone to exit record, on the real kernel. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RuntimeWorld, runtimeWorld } from './runtime-world.ts';

let world: RuntimeWorld;

beforeAll(async () => {
  world = await runtimeWorld('container');
});
afterAll(() => world.close());

test('a program runs as PID 2 below init, and its output and exit code are kept', async () => {
  const ran = await world.run(['sh', '-c', 'echo pid $$; echo bad >&2; exit 7']);

  expect(ran).toMatchObject({ stdout: 'pid 2\n', stderr: 'bad\n', exit: { code: 7, signal: 0, oomKilled: false } });
});
