/* Rows WAIT: a dependency that can not become what others need fails at once, by name; nothing hangs. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;

beforeAll(() => {
  world = testWorld('waiting');
});
afterEach(() => {
  world.berth('down', '-v');
  expect(world.leaks()).toEqual([]);
});
afterAll(() => world.close());

function stack(db: string, condition: string, more = ''): void {
  world.write(
    'stack.yaml',
    `services:
  db: {image: host, ${db}}
  web: {image: host, command: sleep 1000, depends_on: {db: {condition: ${condition}${more}}}}
`,
  );
}

const states = () => Object.fromEntries(world.ps().map((row) => [row.Service, row.State]));
const FAILS = 'healthcheck: {test: "echo not yet; false", interval: 50ms, retries: 2}';
const LAST = `command: ["sh", "-c", "echo last words; exit 7"]`;

test.each([
  [
    'ends',
    `${LAST}, healthcheck: {test: "false", interval: 50ms, start_period: 1m}`,
    'service_healthy',
    'ended with exit code 7',
    'last words',
  ],
  ['ends with success where health is needed', `command: "true", ${FAILS}`, 'service_healthy', 'exit code 0', ''],
  ['is unhealthy', `command: sleep 1000, ${FAILS}`, 'service_healthy', 'is unhealthy', 'not yet'],
  ['has no health check', 'command: sleep 1000', 'service_healthy', 'has neither a health check nor', ''],
  ['completes with a failure', LAST, 'service_completed_successfully', 'ended with exit code 7', 'last words'],
  [
    'is killed',
    'command: ["sh", "-c", "kill -9 $$$$"]',
    'service_completed_successfully',
    'ended with exit code 137',
    '',
  ],
  [
    'is restarted over and over',
    `${LAST}, restart: always, ${FAILS}`,
    'service_healthy',
    'ends again and again, the last time with exit code 7',
    'last words',
  ],
  [
    'has used up its retries',
    `${LAST}, restart: "on-failure:2"`,
    'service_completed_successfully',
    'ended with exit code 7',
    'last words',
  ],
])('a dependency that %s fails up, with its name, its reason and its last lines', (_, db, condition, why, last) => {
  stack(db, condition);

  const up = world.berth('up', '-d');

  expect(up.code).toBe(1);
  expect(up.stderr).toContain(`service db ${why.startsWith('exit') ? 'ended with ' : ''}${why}`);
  expect(up.stderr).toContain(last);
  expect(states().web).toBe('created');
});

test('a dependency that is paused fails the next up by name', () => {
  stack(`command: sleep 1000, healthcheck: {test: "true", interval: 50ms}`, 'service_healthy');
  world.berth('up', '-d');
  world.berth('rm', '-sf', 'web');
  world.berth('pause', 'db');

  const up = world.berth('up', '-d');
  world.berth('unpause', 'db');

  expect(up.code).toBe(1);
  expect(up.stderr).toContain('service db is paused');
});

test.each([
  ['ends', LAST, 'service_completed_successfully', 'ended with exit code 7'],
  ['is unhealthy', `command: sleep 1000, ${FAILS}`, 'service_healthy', 'is unhealthy'],
  ['has no health check', 'command: sleep 1000', 'service_healthy', 'has neither a health check nor'],
])('run fails by name when a dependency %s, and leaves no container of its own', (_, db, condition, why) => {
  stack(db, condition);

  const run = world.berth('run', '--rm', '-T', 'web', 'echo', 'never');

  expect(run.code).toBe(1);
  expect(run.stderr).toContain(`service db ${why}`);
  expect(run.stdout).not.toContain('never');
  expect(Object.keys(states())).toEqual(['db']);
});

test('up --no-start waits for nothing, also for what it makes anew', () => {
  stack(`command: sleep 1000, ${FAILS}`, 'service_healthy');
  world.berth('up', '--no-start');

  const again = world.berth('up', '--no-start', '--force-recreate');

  expect(again.code).toBe(0);
  expect(states()).toEqual({ db: 'created', web: 'created' });
});

test.each([
  ['ends with a failure', LAST, 'service_completed_successfully'],
  ['is unhealthy', `command: sleep 1000, ${FAILS}`, 'service_healthy'],
])('with required: false a dependency that %s is a note, and the service starts', (_, db, condition) => {
  stack(db, condition, ', required: false');

  const up = world.berth('up', '-d');

  expect(up.code).toBe(0);
  expect(up.stdout + up.stderr).toContain('going on without it: service db');
  expect(states().web).toBe('running');
});

test('what has completed is not run again, awaited or not, also by another engine; it runs when it is asked for', async () => {
  const one = (name: string, command: string) => `  ${name}: {image: host, command: ["sh", "-c", "${command}"]}\n`;
  const text = (word: string) => `services:
${one('job', `echo ran ${word}`)}${one('alone', 'echo ran')}${one('fails', 'echo ran; exit 3')}${one('polite', "trap 'exit 0' TERM; while :; do sleep 0.1; done")}
  web: {image: host, command: sleep 1000, depends_on: {job: {condition: service_completed_successfully}}}
`;
  world.write('stack.yaml', text('one'));
  const runs = (name: string) =>
    world
      .berth('logs', '--no-log-prefix', name)
      .stdout.split('\n')
      .filter((line) => line.startsWith('ran')).length;
  const allRuns = () => ['job', 'alone', 'fails'].map(runs).join();
  const settled = () => world.ps().filter((row) => row.State === 'exited').length === 3;

  const up = world.berth('up', '-d');
  await eventually(() => allRuns() === '1,1,1' && settled());
  process.kill(world.enginePid(), 'SIGKILL');
  world.berth('stop', 'polite');
  const plan = world.berth('plan');
  world.berth('up', '-d');
  await eventually(() => runs('fails') === 2 && settled());
  const afterUp = { runs: allRuns(), polite: states().polite };
  world.berth('up', '-d', 'alone');
  await eventually(() => allRuns() === '1,2,2' || runs('alone') === 2);
  world.write('stack.yaml', text('two'));
  world.berth('up', '-d', '--wait', 'web');
  const changed = world.berth('logs', '--no-log-prefix', 'job').stdout;
  const beforeDown = runs('job');
  world.berth('down');
  world.berth('up', '-d', 'web');

  expect(up.code).toBe(0);
  expect(plan.stdout).toMatch(
    /^job completed \(exit 0 at 20[-0-9]+ [:.0-9]+\): not run again; `berth up job` runs it$/m,
  );
  expect(plan.stdout).toMatch(/^alone completed/m);
  expect(plan.stdout).toContain('service:fails:1 start-container (exited with code 3)');
  expect(plan.stdout).toContain('service:polite:1 start-container (exited with code 0)');
  expect(afterUp).toEqual({ runs: '1,1,2', polite: 'running' });
  /* The log of the container that was replaced may stand before it. */
  expect(changed).toMatch(/ran two\n$/);
  /* The log outlives what wrote it. */
  expect(runs('job')).toBe(beforeDown + 1);
});

test('up --exit-code-from runs what has completed once more', () => {
  world.write('stack.yaml', 'services:\n  tests: {image: host, command: echo tested}\n');

  const first = world.berth('up', '--exit-code-from', 'tests');
  const second = world.berth('up', '--exit-code-from', 'tests');
  const third = world.berth('up', '--abort-on-container-exit');

  for (const run of [first, second, third])
    expect([run.code, run.stdout]).toEqual([0, expect.stringContaining('tested')]);
});

test('down of ten services that can not hear SIGTERM kills them at once, and says which', () => {
  world.write(
    'stack.yaml',
    `services:\n${Array.from({ length: 10 }, (_, n) => `  deaf${n}: {image: host, init: false, command: sleep 1000}\n`).join('')}`,
  );
  world.berth('up', '-d');

  const down = world.berth('down');

  for (let n = 0; n < 10; n++) expect(down.stdout + down.stderr).toContain(`deaf${n}-1 can not hear SIGTERM`);
});
