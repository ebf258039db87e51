/** `berth logs`: which lines it shows, and how it ends. */
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BERTH, eventually, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;

beforeAll(() => {
  world = testWorld('showlogs');
});
afterAll(() => world.close());

const script = (text: string) => JSON.stringify(['sh', '-c', text.replaceAll('$', '$$$$')]);

/** What a child has printed so far. */
function collect(child: ReturnType<TestWorld['spawn']>): () => string {
  let text = '';
  child.stdout!.on('data', (data: Buffer) => (text += data.toString()));
  return () => text;
}

describe('of what was written', () => {
  const STACK = `services:
  app:
    image: host
    command: ${script(
      `echo '{"level":30,"msg":"begun","req":{"id":7}}'; echo '{"level":50,"msg":"no answer"}'; echo '  at line 3'; printf half; exec sleep 1000`,
    )}
  count:
    image: host
    command: ${script('for n in $(seq 9000); do echo "line $n."; done; exec sleep 1000')}
`;
  const lines = (...args: string[]) =>
    world
      .berth('logs', '--no-log-prefix', ...args)
      .stdout.split('\n')
      .slice(0, -1);

  beforeAll(async () => {
    world.write('stack.yaml', STACK);
    world.berth('up', '-d');
    await eventually(() => lines('count').at(-1) === 'line 9000.' && lines('app').at(-1) === 'half');
  });
  afterAll(() => {
    world.berth('down', '-v');
    expect(world.leaks()).toEqual([]);
  });

  test('expressions choose lines, -n the last of those that are found', () => {
    expect(lines('-n', '2', '--grep', '000\\.$', 'count')).toEqual(['line 8000.', 'line 9000.']);
    expect(lines('-n', '1', '--grep', 'LINE 12\\.', '-i', '-B', '1', '-A', '1', 'count')).toEqual([
      ...['line 11.', 'line 12.', 'line 13.'],
    ]);
    expect(lines('--grep', 'line', '--grep', 'level', '-v')).toEqual(['half']);
  });

  test('a bad expression is a usage error that points at its column', () => {
    const { code, stdout, stderr } = world.berth('logs', '--grep', 'ab(c');

    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('error: --grep: unterminated group\n  --> --grep:1:3\n   |\n 1 | ab(c\n   |   ^\n');
  });

  test('levels choose lines with what belongs to them', () => {
    expect(lines('--level', 'error')).toEqual(['{"level":50,"msg":"no answer"}', '  at line 3', 'half']);
    expect(world.berth('logs', '--level', 'loud').stderr).toContain('--level loud is no level');
  });

  test('JSON has an object a line, --fields what was chosen of it', () => {
    const objects = lines('--json', 'app').map((line) => JSON.parse(line) as Record<string, unknown>);

    expect(objects.map(({ time, ...rest }) => ({ ...rest, hasTime: typeof time === 'string' }))[0]).toEqual({
      stack: 'showlogs',
      service: 'app',
      container: 'showlogs-app-1',
      replica: 1,
      stream: 'stdout',
      line: '{"level":30,"msg":"begun","req":{"id":7}}',
      partial: false,
      level: 'info',
      fields: { level: 30, msg: 'begun', req: { id: 7 } },
      hasTime: true,
    });
    expect(objects.map(({ partial }) => partial)).toEqual([false, false, false, true]);
    expect(lines('--fields', 'msg,req.id', 'app')).toEqual([
      'msg=begun req.id=7',
      'msg="no answer"',
      '  at line 3',
      'half',
    ]);
  });
});

describe('that are followed', () => {
  beforeEach(() => {
    world.write(
      'stack.yaml',
      `services:
  loud:
    image: host
    command: ${script('while echo "it goes on and on and on and on"; do :; done')}
  count:
    image: host
    command: ${script('n=0; while sleep 0.02; do n=$((n + 1)); echo $n; done')}
  quiet:
    image: host
    command: ${script('echo begun; while [ ! -e /tmp/end ]; do sleep 0.05; done; echo ended')}
`,
    );
  });
  afterEach(() => {
    world.berth('down', '-v');
    expect(world.leaks()).toEqual([]);
  });

  test('a reader that has enough ends it, and Ctrl-C does while nobody reads', async () => {
    world.berth('up', '-d', 'loud');

    const head = world.inside('bash', '-c', `${BERTH} logs -f loud | head -1; echo "\${PIPESTATUS[0]}"`);
    expect([head.stdout, head.stderr]).toEqual(['loud-1 | it goes on and on and on and on\n141\n', '']);

    const logs = world.spawn(['logs', '-f', 'loud']);
    logs.stdout!.once('readable', () => {});
    await once(logs.stdout!, 'readable');
    /* Nothing is taken: the pipe is full. */
    logs.kill('SIGINT');
    const [code] = (await once(logs, 'exit')) as [number | null];
    expect(code).toBe(130);
    logs.stdout!.destroy();
  });

  test('kill -9 of the engine: they go on with the next one, and every line comes once', async () => {
    world.berth('up', '-d', 'count');
    const logs = world.spawn(['logs', '-f', '--no-log-prefix', 'count']);
    const textOf = collect(logs);
    const lines = () => textOf().split('\n').slice(0, -1);
    await eventually(() => lines().length > 3);

    process.kill(world.enginePid(), 'SIGKILL');
    const before = lines().length;
    await eventually(() => lines().length > before + 20, 30_000);
    logs.kill('SIGINT');
    await once(logs, 'exit');

    expect(lines()).toEqual(lines().map((_, at) => String(at + 1)));
  });

  test('one that is stopped for a while misses nothing', async () => {
    world.berth('up', '-d', 'count');
    const logs = world.spawn(['logs', '-f', '--no-log-prefix', 'count']);
    const textOf = collect(logs);
    const lines = () => textOf().split('\n').slice(0, -1);
    await eventually(() => lines().length > 3);

    logs.kill('SIGSTOP');
    const last = () => Number(world.berth('logs', '--no-log-prefix', '-n', '1', 'count').stdout);
    const from = last();
    await eventually(() => last() > from + 20, 30_000);
    logs.kill('SIGCONT');
    await eventually(() => lines().length > from + 20, 30_000);
    logs.kill('SIGHUP');
    const [, signal] = (await once(logs, 'exit')) as [number | null, string | null];

    expect(signal).toBe('SIGHUP');
    expect(lines()).toEqual(lines().map((_, at) => String(at + 1)));
    expect(world.ps().map((row) => row.State)).toEqual(['running']);
  });

  test('they end with the last service, or go on with --wait', async () => {
    world.berth('up', '-d', 'quiet');
    const ending = world.spawn(['logs', '-f', 'quiet']);
    const waiting = world.spawn(['logs', '-f', '--wait', 'quiet']);
    const [first, second] = [collect(ending), collect(waiting)];
    await eventually(() => first() !== '' && second() !== '');

    world.berth('exec', '-T', 'quiet', 'touch', '/tmp/end');
    const [code] = (await once(ending, 'exit')) as [number | null];
    expect([code, first()]).toEqual([0, 'quiet-1 | begun\nquiet-1 | ended\n']);

    world.berth('up', '-d', 'quiet');
    await eventually(() => second() === 'quiet-1 | begun\nquiet-1 | ended\n'.repeat(2));
    waiting.kill('SIGINT');
    await once(waiting, 'exit');
  });
});
