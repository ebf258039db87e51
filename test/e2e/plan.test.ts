import { readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;

beforeAll(() => {
  world = testWorld('plan');
});
afterEach(() => {
  world.berth('down', '-v');
  expect(world.leaks()).toEqual([]);
});
afterAll(() => world.close());

type Step = { readonly target: string; readonly op: { readonly kind: string } };
type PlanJson = { readonly steps: readonly Step[] };

type Edit = { readonly level: string; readonly label: string; readonly replicas: number; readonly third: boolean };

const anyEdit: fc.Arbitrary<Edit> = fc.record({
  level: fc.constantFrom('debug', 'info'),
  label: fc.constantFrom('x', 'y'),
  replicas: fc.integer({ min: 0, max: 2 }),
  third: fc.boolean(),
});

const EDIT: Edit = { level: 'debug', label: 'x', replicas: 1, third: false };

function stackText({ level, label, replicas, third }: Edit): string {
  return `services:
  one:
    image: host
    command: sleep 1000
    labels: {l: ${label}}
  two:
    image: host
    command: sleep 1000
    environment: {LEVEL: ${level}}
    depends_on: [one]
    scale: ${replicas}
${third ? '  three:\n    image: host\n    command: sleep 1000\n' : ''}`;
}

/** What the events since `id` say was done, in the words of a plan's steps. */
function doneSince(id: number): string[] {
  return events()
    .filter((e) => e.event > id)
    .flatMap((e) => {
      if (e.type === 'network') return [`network ${e.action}`];
      if (e.type !== 'container' || !DONE.has(e.action)) return [];
      return [`service:${e.service}:${e.replica} ${e.action}`];
    })
    .sort();
}

const DONE = new Set(['create', 'start', 'update', 'stop', 'destroy']);
const ACTIONS: Readonly<Record<string, string>> = {
  'create-container': 'create',
  'start-container': 'start',
  'update-container': 'update',
  'stop-container': 'stop',
  'remove-container': 'destroy',
  'create-network': 'create',
  'remove-network': 'destroy',
};

function planned({ steps }: PlanJson): string[] {
  return steps
    .map(({ target, op }) => `${target.startsWith('network:') ? 'network' : target} ${ACTIONS[op.kind]}`)
    .sort();
}

type Event = {
  readonly event: number;
  readonly type: string;
  readonly action: string;
  readonly service: string;
  readonly replica: number;
};

function events(): Event[] {
  const { stdout } = world.berth('events', '--since', '1h', '--json');
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Event);
}

test('over random edits: up does exactly what plan said, plan is empty afterwards, and plan writes nothing', () => {
  world.write('stack.yaml', stackText(EDIT));
  world.berth('up', '-d');
  fc.assert(
    fc.property(fc.array(anyEdit, { minLength: 2, maxLength: 4 }), (edits) => {
      for (const edit of edits) {
        world.write('stack.yaml', stackText(edit));
        const before = events().at(-1)?.event ?? 0;
        const files = filesOf(world.dataRoot);
        const plan = world.berth('plan', '--json', '--remove-orphans');
        const told = JSON.parse(plan.stdout) as PlanJson;
        expect(filesOf(world.dataRoot)).toEqual(files);
        expect(plan.code).toBe(told.steps.length === 0 ? 0 : 2);

        world.berth('up', '-d', '--remove-orphans');

        expect(doneSince(before)).toEqual(planned(told));
        expect(world.berth('plan', '--remove-orphans').code).toBe(0);
      }
    }),
    { numRuns: 3, seed: 7 },
  );
});

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((e) => e.isFile())
    .map((e) => join(e.parentPath, e.name))
    .map((path) => `${path} ${statSync(path).mtimeMs} ${statSync(path).size}`)
    .sort();
}

test('a plan in a file is carried out as it is, and refused when the world has moved', () => {
  world.write('stack.yaml', stackText(EDIT));
  world.berth('up', '-d');
  world.write('stack.yaml', stackText({ ...EDIT, level: 'info' }));
  world.berth('plan', '-o', 'next.plan');
  world.write('stack.yaml', 'services: {broken');

  const carriedOut = world.berth('up', '-d', '--plan', 'next.plan');
  const pids = world.ps().map((row) => row.Pid);
  const again = world.berth('up', '-d', '--plan', 'next.plan');

  expect(carriedOut.code).toBe(0);
  expect(readFileSync(`/proc/${pids[1]}/status`, 'utf8')).toContain('Name:');
  expect(again.code).toBe(1);
  expect(again.stderr).toContain('the plan is no longer what up would do');
  expect(world.ps().map((row) => row.Pid)).toEqual(pids);
  expect(statSync(join(world.folder, 'next.plan')).mode & 0o777).toBe(0o600);
});

test('plan tells who stops and which files go', () => {
  world.write('stack.yaml', stackText(EDIT));
  world.berth('up', '-d');
  world.berth('exec', '-T', 'two', 'touch', '/tmp/made-by-hand');
  world.write('stack.yaml', stackText({ ...EDIT, level: 'info' }));

  const { stdout, code } = world.berth('up', '--dry-run');

  expect(code).toBe(2);
  expect(stdout).toContain('environment.LEVEL debug -> info, stack.yaml:9');
  expect(stdout).toContain('stops: plan-two-1 is replaced; the gap is its end, at most 10s, and one start');
  expect(stdout).toContain('data that goes: files in the container plan-two-1');
});

test('what follows a service that is made anew is restarted, as the plan says: it shares the new network namespace', () => {
  const text = (level: string) => `services:
  db: {image: host, command: sleep 1000, environment: {LEVEL: ${level}}}
  beside: {image: host, command: sleep 1000, network_mode: "service:db"}
  web:
    image: host
    command: sleep 1000
    depends_on: {db: {condition: service_started, restart: true}}
  other: {image: host, command: sleep 1000, depends_on: [db]}
`;
  const namespace = (name: string) => world.berth('exec', '-T', name, 'readlink', '/proc/1/ns/net').stdout.trim();
  const pids = () => Object.fromEntries(world.ps().map((row) => [row.Service, row.Pid]));
  world.write('stack.yaml', text('debug'));
  world.berth('up', '-d');
  const before = pids();
  world.write('stack.yaml', text('info'));
  const plan = world.berth('plan').stdout;

  world.berth('up', '-d', 'db');
  const after = pids();

  expect(plan).toContain('service:web:1 stop-container (it follows db, which is made anew, stack.yaml:7)');
  expect(plan).toContain('stops: plan-beside-1 starts again');
  expect(after.other).toBe(before.other);
  for (const name of ['db', 'beside', 'web']) expect(after[name]).not.toBe(before[name]);
  expect(namespace('beside')).toBe(namespace('db'));
  expect(world.berth('plan').code).toBe(0);
  expect(world.berth('why', 'web').stdout).toContain('it follows db, which is made anew');
});

test('an up -d that is known to the engine sees every change of what it is made of', () => {
  const text = (level: string) =>
    `services:\n  one:\n    image: host\n    command: sleep 1000\n    environment: {LEVEL: ${level}, V: "\${V:-none}"}\n    configs: [c]\nconfigs: {c: {file: ./c.conf}}\n`;
  const level = () => world.berth('exec', '-T', 'one', 'printenv', 'LEVEL', 'V').stdout.trim().split('\n').join();
  const path = world.write('stack.yaml', text('aaa'));
  const config = world.write('c.conf', 'one');
  world.berth('up', '-d');
  const nothing = [1, 2].map(() => world.berth('up', '-d').stdout);
  const { atime, mtime } = statSync(path);

  const seen: string[] = [];
  const up = () => {
    const { code, stderr } = world.berth('up', '-d');
    seen.push(`${code} ${stderr.includes('created')} ${level()}`);
    world.berth('up', '-d');
  };
  /* As large and as old as before. */
  world.write('stack.yaml', text('bbb'));
  utimesSync(path, atime, mtime);
  up();
  world.write('.env', 'V=dotenv\n');
  up();
  world.env.V = 'caller';
  up();
  world.write('stack.override.yaml', 'services: {one: {environment: {LEVEL: over}}}\n');
  up();
  writeFileSync(config, 'two');
  up();
  process.kill(world.ps()[0]!.Pid, 'SIGKILL');
  const again = world.berth('up', '-d');
  rmSync(path);
  const without = world.berth('up', '-d');
  for (const name of ['.env', 'stack.override.yaml', 'c.conf']) rmSync(join(world.folder, name), { force: true });
  delete world.env.V;
  world.write('stack.yaml', text('aaa'));

  expect(nothing).toEqual([expect.stringContaining('nothing to do'), expect.stringContaining('nothing to do')]);
  expect(seen).toEqual([
    '0 true bbb,none',
    '0 true bbb,dotenv',
    '0 true bbb,caller',
    '0 true over,caller',
    '0 true over,caller',
  ]);
  expect(again.stderr + again.stdout).toContain('started');
  expect(without.code).toBe(3);
});
