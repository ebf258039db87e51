/** What a person types wrong, and what the command says then. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { BERTH, eventually, REPO, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;

beforeAll(() => {
  world = testWorld('command-line');
});
afterEach(() => {
  world.berth('-p', 'command-line', 'down', '-v');
  expect(world.leaks()).toEqual([]);
});
afterAll(() => world.close());

const SLEEPER = 'services:\n  one:\n    image: host\n    command: ["sleep", "100"]\n';

test('all errors of a file are told in one run, each with its line', () => {
  world.write(
    'stack.yaml',
    `services:
  web:
    imagee: host
    ports: "8080:80"
    depends_on: [dbb]
  db:
    image: host
    restart: sometimes
`,
  );

  const { code, stderr } = world.berth('up', '-d');

  expect(code).toBe(3);
  expect(stderr).toMatchInlineSnapshot(`
    "error: service web needs \`image\` or \`build\`
      --> stack.yaml:2:3
       |
     2 |   web:
       |   ^^^
      hint: \`image: host\` runs programs of this machine
    error: services.web has no attribute \`imagee\`
      --> stack.yaml:3:5
       |
     3 |     imagee: host
       |     ^^^^^^
      hint: did you mean \`image\`?
    error: services.web.ports must be a list, not the text "8080:80"
      --> stack.yaml:4:12
       |
     4 |     ports: "8080:80"
       |            ^^^^^^^^^
      hint: write it as a list: ["8080:80"]
    error: service web needs dbb, which does not exist
      --> stack.yaml:5:18
       |
     5 |     depends_on: [dbb]
       |                  ^^^
      hint: did you mean db?
    error: services.db.restart must be no, always, unless-stopped, on-failure[:N] or on-unhealthy, not the text "sometimes"
      --> stack.yaml:8:14
       |
     8 |     restart: sometimes
       |              ^^^^^^^^^

    5 errors; nothing was changed
    "
  `);
});

test('a wrong command or flag is usage, with what was meant', () => {
  world.write('stack.yaml', SLEEPER);

  const command = world.berth('dwon');
  const flag = world.berth('up', '--dtach');
  world.berth('up', '-d');

  expect([command.code, command.stderr]).toEqual([2, expect.stringContaining('did you mean `berth down`?')]);
  expect([flag.code, flag.stderr]).toEqual([2, expect.stringContaining('--dtach')]);
});

test('a taken port names the program that has it, and nothing is started', async () => {
  world.write('stack.yaml', `${SLEEPER}    ports: ["18555:80"]\n`);
  const holder = world.inside(
    'sh',
    '-c',
    "node -e \"require('node:net').createServer().listen(18555, '127.0.0.1')\" >/dev/null 2>&1 & echo $!",
  );
  const pid = Number(holder.stdout);
  await eventually(() => world.inside('sh', '-c', 'cat /proc/self/net/tcp').stdout.includes(':487B'));

  const up = world.berth('up', '-d');
  process.kill(pid, 'SIGKILL');

  expect(up.stderr).toContain(`is taken by node (pid ${pid})`);
  expect(up.stderr).toContain('stack.yaml:5');
  expect([up.code, world.ps()]).toEqual([1, []]);
});

test('without a stack file, and without root, one line says what to do', () => {
  const folder = join(world.folder, '..');
  const nothing = spawnSync(join(REPO, 'bin/berth'), ['ps'], { cwd: folder, env: world.env, encoding: 'utf8' });
  const nobody = spawnSync(
    'setpriv',
    ['--reuid=65534', '--regid=65534', '--clear-groups', join(REPO, 'bin/berth'), 'ls'],
    {
      cwd: '/',
      env: { ...world.env, BERTH_RUN_ROOT: '/tmp/berth-nobody/run', BERTH_DATA_ROOT: '/tmp/berth-nobody/data' },
      encoding: 'utf8',
    },
  );

  expect([nothing.status, nothing.stderr]).toEqual([3, expect.stringContaining('berth init')]);
  expect([nobody.status, nobody.stderr]).toEqual([1, expect.stringContaining('sudo berth')]);
});

test('an error is JSON where JSON was asked for', () => {
  const { code, stdout } = world.berth('ps', '--json', '-f', 'nowhere.yaml');

  expect([code, JSON.parse(stdout)]).toEqual([3, { error: expect.objectContaining({ code: 'STACK_FILE_NOT_FOUND' }) }]);
});

test('a reader that goes away ends the command quietly', () => {
  world.write('stack.yaml', 'services:\n  one:\n    image: host\n    command: ["seq", "200000"]\n');
  world.berth('up', '-d');

  const { stdout, stderr } = world.inside('sh', '-c', `${join(REPO, 'bin/berth')} logs --no-log-prefix | head -2`);

  expect([stdout, stderr]).toEqual(['1\n2\n', '']);
});

test('every command ends with 141 when nobody can read its answer, and says nothing about it', async () => {
  world.write(
    'stack.yaml',
    'services:\n  one:\n    image: host\n    command: ["sh", "-c", "seq 20000; exec sleep 1000"]\n',
  );
  world.berth('up', '-d');
  const commands = ['version', 'version --json', 'ps -a', 'ps -a --json', 'logs', 'logs -f one', 'logs --json'];
  const others = [
    'events --since 1h',
    'why one',
    'config',
    'ls -a',
    'exec one seq 100000',

    'top',
    '--help',
    'up --help',
  ];

  const ends = [...commands, ...others].map(async (command) => {
    const child = world.spawn(command.split(' '));
    child.stdout!.destroy();
    let said = '';
    child.stderr!.on('data', (data: Buffer) => (said += data.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    return [command, code, said];
  });

  expect(await Promise.all(ends)).toEqual([...commands, ...others].map((command) => [command, 141, '']));
  /* What exec ran ends by itself, a moment after the command. */
  world.berth('-p', 'command-line', 'down', '-v');
  await eventually(() => world.leaks().length === 0);
});

test('an answer that can not be written is an error', () => {
  const { stdout, stderr } = world.inside('bash', '-c', `${BERTH} config > /dev/full; echo $?`);

  expect([stdout, stderr]).toEqual(['1\n', expect.stringContaining('error: the answer can not be written: ENOSPC')]);
});

test('the canonical form loads again and means the same', () => {
  world.write('stack.yaml', `${SLEEPER}    environment: {PRICE: "$$5"}\n    ports: ["18556:80"]\n`);
  const first = world.berth('config');
  world.write('again.yaml', first.stdout);

  const second = world.berth('-f', 'again.yaml', 'config');

  expect(second.stdout).toBe(first.stdout);
  expect(first.stdout).toContain('PRICE: $$5');
});

test('completion scripts are sound, and know the commands', () => {
  const script = world.berth('completion', 'bash').stdout;

  const checked = spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' });

  expect([checked.status, checked.stderr]).toEqual([0, '']);
  expect(script).toContain('restart');
});

test('a second stack runs beside the first, but not on its port', () => {
  world.write('stack.yaml', `${SLEEPER}    ports: ["18557:80"]\n`);
  world.berth('up', '-d');

  const clash = world.berth('-p', 'second', 'up', '-d');
  world.write('other.yaml', SLEEPER);
  const beside = world.berth('-p', 'third', '-f', 'other.yaml', 'up', '-d');
  const stacks = JSON.parse(world.berth('ls', '--json').stdout) as { Name: string }[];
  for (const name of ['second', 'third']) world.berth('-p', name, 'down');

  expect([clash.code, clash.stderr]).toEqual([1, expect.stringContaining('is taken by command-line/one')]);
  expect([beside.code, stacks.map((s) => s.Name)]).toEqual([0, ['command-line', 'third']]);
});
