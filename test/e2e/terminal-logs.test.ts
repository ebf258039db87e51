/** Logs, and the keys of what is attached, in a real terminal. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { BERTH, eventually, type TestWorld, testWorld } from './test-world.ts';
import { COLUMNS, HAS_TMUX, ROWS, terminalOf } from './tmux.ts';

let world: TestWorld;

beforeAll(() => {
  world = testWorld('termlogs');
});
afterAll(() => world.close());

const { close, exitCode, open, resize, screen, shows, type } = terminalOf(() => world);

/** As a person's, who has not switched colours off. */
const COLORED = `env -u NO_COLOR ${BERTH}`;

const script = (text: string) => JSON.stringify(['sh', '-c', text.replaceAll('$', '$$$$')]);
const service = (name: string, text: string) => `  ${name}:\n    image: host\n    command: ${script(text)}\n`;

/** Two services that write what is put into their fifo. */
const echoes = (name: string) => service(name, 'mkfifo /tmp/in; echo ready; while :; do cat /tmp/in; done');
const write = (name: string, text: string) => world.berth('exec', '-T', name, 'sh', '-c', `printf '${text}' > /tmp/in`);

const isRunning = () => world.ps().every((row) => row.State === 'running');

describe.skipIf(!HAS_TMUX)('in a terminal', () => {
  afterEach(() => {
    close();
    world.berth('down', '-v', '-t', '0');
    expect(world.leaks()).toEqual([]);
  });

  test('logs keep colours within their line, show controls, and complete a prompt in place', async () => {
    world.write('stack.yaml', `services:\n${echoes('box')}${echoes('other')}`);
    world.berth('up', '-d');
    open(`${COLORED} logs -f`);
    await shows('other-1 | ready');

    write('box', '\\033[31mred\\n\\033[2J\\033]0;title\\007\\377\\rgone\\nPassword: ');
    await eventually(() => screen().at(-1) === 'box-1   | Password:');
    const colored = screen('-e');
    write('box', 'secret\\nName: ');
    await eventually(() => screen().at(-1) === 'box-1   | Name:');
    write('other', 'between\\n');
    await shows('between');
    write('box', 'me\\n');
    await shows('| me');

    expect(screen().slice(2)).toEqual([
      'box-1   | red',
      'box-1   | ^[[2J^[]0;title^G\\xff^Mgone',
      'box-1   | Password: secret',
      'box-1   | Name:',
      'other-1 | between',
      'box-1   | me',
    ]);
    /* In tmux's words: the prefix in a colour, the text red, and the next prefix in its own again. */
    const red = colored.find((line) => line.includes('red'))!;
    expect(red).toMatch(/^\x1b\[\d+mbox-1 {3}\| \x1b\[31mred/);
    expect(colored.at(-1)).toMatch(/^\x1b\[(?!31)\d+mbox-1 {3}\| \x1b\[39mPassword:$/);

    type('C-c');
    expect(await exitCode()).toBe('130');
    expect(isRunning()).toBe(true);
  });

  test('a window may change its width while logs are followed: long lines are whole in each', async () => {
    world.write('stack.yaml', `services:\n${echoes('box')}`);
    world.berth('up', '-d');
    open(`${BERTH} logs -f`);
    await shows('box-1 | ready');
    const long = (letter: string) => letter.repeat(COLUMNS + 30);

    write('box', `${long('a')}\\nName: `);
    await eventually(() => screen().at(-1) === 'box-1 | Name:');
    resize(50, ROWS);
    write('box', `${long('b')}\\n${long('c')}\\n`);
    await eventually(() => screen('-J').includes(`box-1 | ${long('c')}`));
    resize(COLUMNS + 60, ROWS);
    write('box', 'end\\n');
    await shows('| end');

    expect(screen('-J')).toEqual([
      'box-1 | ready',
      `box-1 | ${long('a')}`,
      `box-1 | Name: ${long('b')}`,
      `box-1 | ${long('c')}`,
      'box-1 | end',
    ]);
  });

  test('d in up leaves the services running, and the terminal as it was', async () => {
    world.write('stack.yaml', `services:\n${service('box', 'echo begun; exec sleep 1000')}`);
    open(`stty -g > before; ${BERTH} up; (exit $?)`);
    await shows('box-1 | begun');

    type('x', 'd');
    expect(await exitCode()).toBe('0');
    expect(screen()).toContain('left running: `berth logs -f` shows it again, `berth down` ends it');
    type('clear; stty -g | cmp - before; echo "code $?"', 'Enter');
    expect(await exitCode()).toBe('0');
    expect(isRunning()).toBe(true);
  });

  test('Ctrl-Z in up stops it like any program, and fg goes on with its keys', async () => {
    world.write('stack.yaml', `services:\n${echoes('box')}`);
    open(`${BERTH} up`);
    await shows('box-1 | ready');

    type('C-z');
    await shows('Stopped');
    write('box', 'meanwhile\\n');
    type('clear; fg; echo "code $?"', 'Enter');
    await shows('box-1 | meanwhile');
    type('C-c');

    expect(await exitCode()).toBe('130');
    expect(world.ps().map((row) => row.State)).toEqual(['exited']);
  });

  test('the detach keys let go of an attached program, which goes on', async () => {
    world.write(
      'stack.yaml',
      'services:\n  box:\n    image: host\n    tty: true\n    stdin_open: true\n    command: ["sh"]\n',
    );
    world.berth('up', '-d');
    open(`stty -g > before; ${BERTH} attach box; (exit $?)`);
    type('stty size', 'Enter');
    await shows(`${ROWS} ${COLUMNS}`);

    /* The first key alone belongs to the program. */
    type('C-p', 'x', 'C-u', 'echo $((40 + 2))', 'Enter');
    await eventually(() => screen().includes('42'));
    type('C-p', 'C-q');
    expect(await exitCode()).toBe('0');
    expect(screen()).toContain('left the program running');
    type('clear; stty -g | cmp - before; echo "code $?"', 'Enter');
    expect(await exitCode()).toBe('0');
    expect(isRunning()).toBe(true);

    type(`clear; ${BERTH} attach --detach-keys ctrl-a,d box; echo "code $?"`, 'Enter');
    type('echo $((50 + 5))', 'Enter');
    await eventually(() => screen().includes('55'));
    type('C-a', 'd');
    expect(await exitCode()).toBe('0');
  });
});
