/**
 * Damaged state: each kind of file, each kind of damage, while the engine is away. The engine starts, names what it
 * set aside, and the same `up` brings everything back.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually, type TestWorld, testWorld } from '../e2e/test-world.ts';

let world: TestWorld;

beforeAll(() => {
  world = testWorld('damage');
});
afterEach(() => {
  world.berth('down', '-v');
  rmSync(join(world.dataRoot, 'set-aside'), { recursive: true, force: true });
  for (const folder of ['networks', 'stacks']) removeSetAside(join(world.dataRoot, folder));
  expect(world.leaks()).toEqual([]);
});
afterAll(() => world.close());

function removeSetAside(folder: string): void {
  for (const name of readdirSync(folder))
    if (name.endsWith('.corrupt')) rmSync(join(folder, name), { recursive: true });
}

const STACK = `services:
  web:
    image: host
    command: [node, -e, "require('node:http').createServer((q, s) => s.end('ok')).listen(80)"]
    ports: ["18097:80"]
  other:
    image: host
    command: sleep 1000
    networks: [apart]
networks: {apart: {}}
`;

type Damage = { readonly name: string; readonly do: (path: string) => void };

const DAMAGES: readonly Damage[] = [
  { name: 'empty', do: (path) => truncateSync(path, 0) },
  { name: 'half', do: (path) => truncateSync(path, Math.floor(readFileSync(path).length / 2)) },
  { name: 'NUL bytes', do: (path) => writeFileSync(path, Buffer.alloc(readFileSync(path).length)) },
  {
    name: 'another checksum',
    do: (path) => writeFileSync(path, readFileSync(path, 'utf8').replace('"value":{', '"value":{ ')),
  },
  { name: 'a symlink', do: instead((path) => symlinkSync('/etc/passwd', path)) },
  { name: 'a FIFO', do: instead((path) => execFileSync('mkfifo', [path])) },
  { name: 'a folder', do: instead((path) => mkdirSync(path)) },
  { name: 'missing', do: (path) => rmSync(path) },
];

function instead(make: (path: string) => unknown): (path: string) => void {
  return (path) => {
    rmSync(path);
    make(path);
  };
}

const FILES: Readonly<Record<string, () => string>> = {
  container: () => join(world.dataRoot, 'containers', world.ps('web')[0]!.ID, 'record.json'),
  network: () => join(world.dataRoot, 'networks', 'damage_default.json'),
  stack: () => join(world.dataRoot, 'stacks', 'damage.json'),
};

/** `npm test` takes every fifth, `npm run test:crash` all. */
const CASES = Object.keys(FILES)
  .flatMap((file) => DAMAGES.map((damage) => ({ file, damage: damage.name, do: damage.do })))
  .filter((_, index) => process.env.BERTH_CRASH === 'whole' || index % 5 === 0);

test.each(CASES)(
  'the record of a $file that is $damage is set aside, the rest goes on, and up brings it back',
  async ({ file, damage, do: harm }) => {
    world.write('stack.yaml', STACK);
    world.berth('up', '-d');
    const other = world.ps('other')[0]!.Pid;
    const path = FILES[file]!();
    world.berth('engine', 'stop');
    harm(path);

    const ps = world.berth('ps', '-a');
    const up = world.berth('up', '-d');

    expect(ps.code).toBe(0);
    expect(up).toMatchObject({ code: 0 });
    expect(world.ps('other')[0]?.Pid).toBe(other);
    await eventually(() => world.get('http://127.0.0.1:18097/').body === 'ok');
    expect(world.berth('plan').code).toBe(0);
    const log = readFileSync(join(world.runRoot, 'engine.log'), 'utf8');
    if (damage !== 'missing') expect(log).toContain('was set aside as');
  },
);

test('a pid that belongs to somebody else by now is never signalled', () => {
  world.write('stack.yaml', STACK);
  world.berth('up', '-d');
  const row = world.ps('web')[0]!;
  const run = join(world.runRoot, 'c', row.ID.slice(0, 16), 'run');
  const [, , monitor] = readFileSync(run, 'utf8').trim().split(' ');
  process.kill(world.enginePid(), 'SIGKILL');
  process.kill(Number(monitor), 'SIGKILL');
  const innocent = spawn('sleep', ['1000'], { stdio: 'ignore' });
  const [, start, , monitorStart] = readFileSync(run, 'utf8').trim().split(' ');
  writeFileSync(run, `${innocent.pid} ${start} ${innocent.pid} ${monitorStart}\n`);

  const state = world.ps('web')[0];
  const down = world.berth('down');

  expect(state).toMatchObject({ State: 'exited' });
  expect(down.code).toBe(0);
  expect(innocent.exitCode).toBe(null);
  expect(readFileSync(`/proc/${innocent.pid}/stat`, 'utf8')).not.toContain(') Z');
  innocent.kill('SIGKILL');
});

test('a mount namespace of somebody else that holds our mounts does not keep down from ending, nor the name from being used', async () => {
  world.write('stack.yaml', STACK);
  world.berth('up', '-d');
  const holder = spawn('unshare', ['-m', '--propagation', 'private', 'sleep', '1000'], { stdio: 'ignore' });
  await eventually(() => readFileSync(`/proc/${holder.pid}/comm`, 'utf8').trim() === 'sleep');

  const down = world.berth('down');
  const up = world.berth('up', '-d');

  expect(down.code).toBe(0);
  expect(up.code).toBe(0);
  await eventually(() => world.get('http://127.0.0.1:18097/').body === 'ok');
  holder.kill('SIGKILL');
});
