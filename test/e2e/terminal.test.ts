/** berth in a real terminal: what tmux shows of `exec` and of the live progress. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { BERTH, eventually, type TestWorld, testWorld } from './test-world.ts';
import { COLUMNS, HAS_TMUX, ROWS, terminalOf } from './tmux.ts';

let world: TestWorld;

beforeAll(() => {
  world = testWorld('terminal');
});
afterAll(() => world.close());

const { close, exitCode, hasCursor, open, resize, screen, shows, type } = terminalOf(() => world);

/* The second of two services becomes ready when its file is made. */
const STACK = `services:
  db:
    image: host
    command: ["sleep", "1000"]
    healthcheck: {test: ["CMD", "test", "-e", "/tmp/ready"], interval: 100ms, retries: 1000}
  web:
    image: host
    command: ["sleep", "1000"]
    depends_on: {db: {condition: service_healthy}}
`;
const BOX = 'services:\n  box:\n    image: host\n    command: ["sleep", "1000"]\n';

describe.skipIf(!HAS_TMUX)('in a terminal', () => {
  afterEach(() => {
    close();
    world.berth('down', '-v');
    expect(world.leaks()).toEqual([]);
  });

  test('exec has a terminal of the size of its window, also when that changes', async () => {
    world.write('stack.yaml', BOX);
    world.berth('up', '-d');
    open(`${BERTH} exec box sh`);
    await shows('#');

    type('stty size', 'Enter');
    await shows(`${ROWS} ${COLUMNS}`);
    resize(71, 19);
    await eventually(() => {
      type('stty size', 'Enter');
      return screen().includes('19 71');
    });
  });

  test('Ctrl-C in exec reaches the program in the container, and exec goes on', async () => {
    world.write('stack.yaml', BOX);
    world.berth('up', '-d');
    open(`${BERTH} exec box sh`);
    await shows('#');

    type(`sh -c 'trap "echo it came" INT; echo ready; sleep 1000; echo later'`, 'Enter');
    await shows('ready');
    type('C-c');
    await shows('later');
    type('C-d');

    expect(await exitCode()).toBe('0');
    expect(screen()).toContain('^Cit came');
  });

  test('exec ends with the exit code of its program and leaves the terminal as it was', async () => {
    world.write('stack.yaml', BOX);
    world.berth('up', '-d');
    open(`stty -g > before; ${BERTH} exec box sh -c 'stty raw -echo; exit 7'; (exit $?)`);

    expect(await exitCode()).toBe('7');
    type('clear; stty -g | cmp - before; echo "code $?"', 'Enter');
    expect(await exitCode()).toBe('0');
  });

  test('the progress of up has a line for each service while it lasts, and ends with what was done', async () => {
    world.write('stack.yaml', STACK);
    open(`${BERTH} up -d`);

    await shows('service db  waiting to be healthy');
    await shows('service web  waits for db to be healthy');
    world.berth('exec', '-T', 'db', 'touch', '/tmp/ready');

    expect(await exitCode()).toBe('0');
    expect(world.ps().map((row) => [row.Service, row.State])).toEqual([
      ['db', 'running'],
      ['web', 'running'],
    ]);
    expect(screen().map((line) => line.replace(/\d+\.\d+ s$/, 'N s'))).toEqual([
      '✔ network default  created N s',
      '✔ service db  healthy N s',
      '✔ service web  started N s',
      'code 0',
    ]);
    expect(hasCursor()).toBe(true);
  });

  test('Ctrl-C while up waits ends it with 130, and the cursor is there again', async () => {
    world.write('stack.yaml', STACK);
    open(`${BERTH} up -d`);
    await shows('service db  waiting to be healthy');

    type('C-c');

    expect(await exitCode()).toBe('130');
    expect(hasCursor()).toBe(true);
    expect(world.berth('exec', '-T', 'db', 'echo', 'still here')).toEqual({
      code: 0,
      stdout: 'still here\n',
      stderr: '',
    });
  });

  test('w in an attached up begins and ends the watching of files', async () => {
    const watch = '    develop: {watch: [{path: ./box, action: restart}]}\n    stop_grace_period: 0s\n';
    world.write('stack.yaml', `${BOX}${watch}`);
    world.write('box/file', 'one');
    open(`${BERTH} up`);
    await shows('w: watch files or not');

    type('w');
    await shows('watching for box');
    world.write('box/file', 'two');
    await shows('box restarted in');
    type('w');
    await shows('files are no longer watched');
    type('C-c');

    expect(await exitCode()).toBe('130');
    expect(world.berth('watch', '--status').stdout).toContain('nothing is watched');
  });
});
