import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;

beforeAll(() => {
  world = testWorld('lifecycle');
});
afterEach(() => {
  world.berth('down', '-v');
  expect(world.leaks()).toEqual([]);
});
afterAll(() => world.close());

const SERVER = `require('node:http').createServer((q, s) => s.end(process.env.GREETING + ' ' + q.url)).listen(8080)`;

function webStack(greeting = 'hello'): string {
  return `services:
  web:
    image: host
    command: ["node", "-e", "${SERVER}"]
    environment:
      GREETING: ${greeting}
    ports: ["18080:8080"]
    healthcheck:
      test: ["CMD", "node", "-e", "fetch('http://127.0.0.1:8080').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
      interval: 1s
`;
}

test('up --wait brings a service to health, its port answers on 127.0.0.1 and ::1, and down takes all away', () => {
  world.write('stack.yaml', webStack());

  const up = world.berth('up', '-d', '--wait');
  const [row] = world.ps();

  expect(up).toMatchObject({ code: 0 });
  expect(row).toMatchObject({ Service: 'web', State: 'running', Health: 'healthy', Name: 'lifecycle-web-1' });
  expect(row?.Publishers.map((p) => p.PublishedPort)).toEqual([18080, 18080]);
  expect(world.get('http://127.0.0.1:18080/a')).toEqual({ status: 200, body: 'hello /a' });
  expect(world.get('http://[::1]:18080/b')).toEqual({ status: 200, body: 'hello /b' });
  expect(world.berth('down').code).toBe(0);
  expect(world.ps()).toEqual([]);
});

test('up on an unchanged file does nothing and says so', () => {
  world.write('stack.yaml', webStack());
  world.berth('up', '-d');
  const before = world.ps();

  const again = world.berth('up', '-d');

  expect(again.code).toBe(0);
  expect(again.stdout + again.stderr).toContain('nothing to do');
  expect(world.ps()[0]?.Pid).toBe(before[0]?.Pid);
});

test('a changed variable recreates only its service, and the plan names field and line', () => {
  const other = '  other:\n    image: host\n    command: sleep 1000\n';
  world.write('stack.yaml', webStack() + other);
  world.berth('up', '-d', '--wait');
  const before = world.ps();

  world.write('stack.yaml', webStack('goodbye') + other);
  const plan = world.berth('up', '--dry-run');
  const up = world.berth('up', '-d', '--wait');

  expect(plan.stdout).toContain('environment.GREETING hello -> goodbye, stack.yaml:6');
  expect(up.code).toBe(0);
  expect(world.get('http://127.0.0.1:18080/').body).toBe('goodbye /');
  const pidOf = (rows: typeof before, name: string) => rows.find((r) => r.Service === name)?.Pid;
  expect(pidOf(world.ps(), 'other')).toBe(pidOf(before, 'other'));
  expect(pidOf(world.ps(), 'web')).not.toBe(pidOf(before, 'web'));
});

test('a service reaches another by its name, and a name that does not exist is answered at once', () => {
  world.write(
    'stack.yaml',
    `${webStack()}  client:
    image: host
    command: sleep 1000
    depends_on: {web: {condition: service_healthy}}
`,
  );
  world.berth('up', '-d', '--wait');

  const found = world.berth('exec', '-T', 'client', 'curl', '-s', 'http://web:8080/x');
  const missing = world.berth('exec', '-T', 'client', 'getent', 'hosts', 'nobody');

  expect(found).toMatchObject({ code: 0, stdout: 'hello /x' });
  expect(missing.code).not.toBe(0);
});

test('logs come back with their streams and order, also after the service has ended', async () => {
  world.write(
    'stack.yaml',
    `services:
  job:
    image: host
    command: ["sh", "-c", "for i in 1 2 3; do echo line $$i; done; echo oops >&2; exit 7"]
`,
  );
  world.berth('up', '-d');
  await eventually(() => world.ps()[0]?.State === 'exited');

  const logs = world.berth('logs', '--no-log-prefix');
  const last = world.berth('logs', '--no-log-prefix', '-n', '2');

  expect(logs.stdout.split('\n')).toEqual(['line 1', 'line 2', 'line 3', 'oops', '']);
  expect(last.stdout.split('\n')).toEqual(['line 3', 'oops', '']);
  expect(world.ps()[0]).toMatchObject({ State: 'exited', ExitCode: 7 });
});

test('exec passes exit code, user, variables, folder and input through', () => {
  world.write('stack.yaml', 'services: {box: {image: host, command: sleep 1000}}\n');
  world.berth('up', '-d');

  const code = world.berth('exec', '-T', 'box', 'sh', '-c', 'exit 42');
  const env = world.berth(
    'exec',
    '-T',
    '-e',
    'A=b c',
    '-w',
    '/tmp',
    '-u',
    '1234:5678',
    'box',
    'sh',
    '-c',
    'echo $A $(pwd) $(id -u):$(id -g)',
  );
  const missing = world.berth('exec', '-T', 'box', 'no-such-program');

  expect(code.code).toBe(42);
  expect(env.stdout).toBe('b c /tmp 1234:5678\n');
  expect(missing.code).toBe(127);
});

test('run gives the exit code and output of a one-off container and leaves nothing with --rm', () => {
  world.write('stack.yaml', 'services: {box: {image: host, command: sleep 1000}}\n');

  const run = world.berth('run', '--rm', '-T', 'box', 'sh', '-c', 'echo from one-off; exit 3');

  expect(run).toMatchObject({ code: 3, stdout: 'from one-off\n' });
  expect(world.ps()).toEqual([]);
});

test('data in a named volume survives down and goes with down -v', () => {
  world.write(
    'stack.yaml',
    `services:
  store:
    image: host
    command: ["sh", "-c", "cat /data/x 2>/dev/null; echo kept > /data/x; sleep 1000"]
    volumes: ["data:/data"]
volumes: {data: {}}
`,
  );
  world.berth('up', '-d');
  world.berth('down');
  world.berth('up', '-d');

  const logs = () => world.berth('logs', '--no-log-prefix').stdout;

  return eventually(() => logs() === 'kept\n').then(() => {
    world.berth('down', '-v');
    world.berth('up', '-d');
    expect(logs()).toBe('');
  });
});

test('ten services that can not hear SIGTERM do not wait for their grace', () => {
  const service = (n: number) => `  s${n}:\n    image: host\n    init: false\n    command: ["sleep", "1000"]\n`;
  world.write('stack.yaml', `services:\n${Array.from({ length: 10 }, (_, n) => service(n)).join('')}`);
  world.berth('up', '-d');

  const startedAt = Date.now();
  const down = world.berth('down');

  expect(down.code).toBe(0);
  expect(down.stdout + down.stderr).toContain('can not hear SIGTERM');
  expect(Date.now() - startedAt).toBeLessThan(8_000);
});

test('a dependency that fails is named at once, with its last lines, and the dependant is not started', () => {
  world.write(
    'stack.yaml',
    `services:
  migrate:
    image: host
    command: ["sh", "-c", "echo no such table; exit 4"]
  web:
    image: host
    command: sleep 1000
    depends_on: {migrate: {condition: service_completed_successfully}}
`,
  );

  const up = world.berth('up', '-d');

  expect(up.code).toBe(1);
  expect(up.stderr).toContain('service migrate ended with exit code 4');
  expect(up.stderr).toContain('no such table');
  expect(world.ps().find((r) => r.Service === 'web')?.State).toBe('created');
});

test('restart policy on-failure restarts a crashing service and counts', async () => {
  world.write('stack.yaml', 'services: {bad: {image: host, command: "sh -c \'exit 1\'", restart: "on-failure:2"}}\n');
  world.berth('up', '-d');

  const row = await eventually(() => world.ps().find((r) => r.State === 'exited' && r.Restarts === 2));

  expect(row.ExitCode).toBe(1);
});

test('a restart keeps address and network namespace', () => {
  world.write('stack.yaml', 'services: {box: {image: host, command: sleep 1000}}\n');
  world.berth('up', '-d');
  const address = () => world.berth('exec', '-T', 'box', 'ip', '-o', '-4', 'addr', 'show', 'eth0').stdout;
  const before = address();
  const pid = world.ps()[0]?.Pid;

  const restart = world.berth('restart', '-t', '0');

  expect(restart.code).toBe(0);
  expect(before).toContain('inet ');
  expect(address()).toBe(before);
  expect(world.ps()[0]?.Pid).not.toBe(pid);
});

test('out of memory is said exactly when it was', async () => {
  world.write(
    'stack.yaml',
    `services:
  hog: {image: host, mem_limit: 64m, command: ["node", "-e", "const a=[];for(;;)a.push(Buffer.alloc(1<<20,1))"]}
  killed: {image: host, command: ["sh", "-c", "kill -9 $$$$"]}
`,
  );
  world.berth('up', '-d');

  const rows = await eventually(() => {
    const all = world.ps();
    return all.every((r) => r.State === 'exited') && all;
  });

  expect(rows.map((r) => [r.Service, r.ExitCode, r.OOMKilled])).toEqual([
    ['hog', 137, true],
    ['killed', 137, false],
  ]);
});
