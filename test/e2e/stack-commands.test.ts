/** Commands on the containers of a stack: what they say, and what they leave alone. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;

beforeAll(() => {
  world = testWorld('commands');
});
afterEach(() => {
  world.berth('down', '-v', '-t', '0');
  expect(world.leaks()).toEqual([]);
});
afterAll(() => world.close());

const stack = (level: string) =>
  world.write(
    'stack.yaml',
    `services:\n  web:\n    image: host\n    command: ["sleep", "1000"]\n    environment: {LEVEL: ${level}}\n`,
  );

/** All of `ps` but what gets older by itself. */
const unaged = () => world.ps().map((row) => ({ ...row, Status: undefined, RunningFor: undefined }));

test('restart keeps the container, and says what has changed in the file and what up would do', () => {
  stack('debug');
  world.berth('up', '-d');
  const [before] = world.ps();
  stack('info');

  const { code, stderr } = world.berth('restart', '-t', '0');

  expect([code, world.ps()[0]?.ID]).toEqual([0, before?.ID]);
  expect(stderr).toContain('the stack file has changed since; `berth up -d` would take over:');
  expect(stderr).toContain('environment.LEVEL debug -> info, stack.yaml:5');
});

test.each([['stop'], ['restart'], ['kill'], ['pause'], ['rm', '-fs'], ['down', '-v'], ['scale', 'web=3']])(
  '--dry-run of %s changes nothing',
  (...args) => {
    stack('debug');
    world.berth('up', '-d');
    const before = unaged();

    const { code, stdout } = world.berth('--dry-run', ...args);

    expect([code, unaged()]).toEqual([0, before]);
    expect(stdout).toContain('web');
  },
);

test('paused services stand still and stay so when the engine is another one', () => {
  stack('debug');
  world.berth('up', '-d');
  world.berth('pause');

  process.kill(world.enginePid(), 'SIGKILL');

  expect(world.ps()).toMatchObject([{ State: 'paused' }]);
  expect(world.berth('exec', '-T', 'web', 'true').stderr).toContain('service web is paused');
  expect(world.berth('unpause').code).toBe(0);
  expect(world.ps()).toMatchObject([{ State: 'running' }]);
});

test('attach shows what comes, hands input on, and leaves the program running when it goes', async () => {
  world.write(
    'stack.yaml',
    'services:\n  echo:\n    image: host\n    stdin_open: true\n    command: ["sh", "-c", "while read x; do echo got $$x; done"]\n',
  );
  world.berth('up', '-d');
  const attach = world.spawn(['attach', '--sig-proxy=false', 'echo'], { stdin: 'pipe' });
  let output = '';
  attach.stdout!.on('data', (chunk) => (output += chunk));

  attach.stdin!.write('hello\n');
  await eventually(() => output.includes('got hello'));
  attach.kill('SIGKILL');

  await eventually(() => attach.signalCode === 'SIGKILL');
  expect(world.ps()).toMatchObject([{ State: 'running' }]);
});
