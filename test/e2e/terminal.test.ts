/** berth in a real terminal: what tmux shows of `exec` and of the live progress. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { BERTH, eventually, type TestWorld, testWorld } from './test-world.ts';

const HAS_TMUX = spawnSync('tmux', ['-V']).status === 0;
const COLUMNS = 97;
const ROWS = 31;

let world: TestWorld;

beforeAll(() => {
  world = testWorld('terminal');
});
afterAll(() => world.close());

/** A tmux server of its own: no settings of the person, no socket that another run could meet. */
const tmux = (...args: string[]) =>
  world.inside('tmux', '-S', join(world.folder, '../tmux.sock'), '-f', '/dev/null', ...args);

/**
 * Runs a command in a fresh window, as from a shell: the screen has what it shows and, when it has ended, its code.
 *
 * The pane of a program that has ended would not do: tmux scrolls it and hides its cursor.
 */
function open(command: string): void {
  const shell = `PS1= bash --norc --noprofile -i`;
  tmux('new-session', '-d', '-x', `${COLUMNS}`, '-y', `${ROWS}`, '--', shell);
  type(`clear; ${command}; echo "code $?"`, 'Enter');
}

const type = (...keys: string[]) => tmux('send-keys', ...keys);

/** The lines that can be seen, without the empty ones below. */
const screen = () =>
  tmux('capture-pane', '-p')
    .stdout.trimEnd()
    .split('\n')
    .map((line) => line.trimEnd());

const shows = (text: string) => eventually(() => screen().some((line) => line.includes(text)));

const exitCode = () => eventually(() => /^(?:\^C)?code (\d+)$/.exec(screen().at(-1) ?? '')?.[1]);

const hasCursor = () => tmux('display', '-p', '#{cursor_flag}').stdout.trim() === '1';

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
    tmux('kill-server');
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
    tmux('resize-window', '-x', '71', '-y', '19');
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

  test('logs that are followed end with Ctrl-C, and the service goes on', async () => {
    world.write(
      'stack.yaml',
      'services:\n  box:\n    image: host\n    command: ["sh", "-c", "echo begun; sleep 1000"]\n',
    );
    world.berth('up', '-d');
    open(`${BERTH} logs -f`);
    await shows('box-1 | begun');

    type('C-c');

    expect(await exitCode()).toBe('130');
    expect(world.ps()[0]?.State).toBe('running');
  });
});
