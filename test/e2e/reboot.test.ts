/* A restart of the machine, as far as the engine can tell: nothing runs, no run files of containers, another boot id. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;

beforeAll(() => {
  world = testWorld('reboot');
});
afterAll(() => world.close());

async function reboot(): Promise<void> {
  const pids = world.ps().map((row) => row.Pid);
  world.berth('engine', 'stop');
  for (const pid of pids.filter((p) => p > 0)) process.kill(pid, 'SIGKILL');
  /* What is noted of the kernel's own settings stays: they are as they were, too. */
  await eventually(removeRunFolders);
  writeFileSync(join(world.dataRoot, 'boot'), 'another\n');
}

/** Monitors write exits while they go. */
function removeRunFolders(): boolean {
  try {
    rmSync(join(world.runRoot, 'c'), { recursive: true, force: true });
    return true;
  } catch {
    return false;
  }
}

test('after a restart of the machine each policy starts what it should, and the boot is noted', async () => {
  const one = (name: string, restart: string, command = 'sleep 1000') =>
    `  ${name}: {image: host, command: ${command}, restart: "${restart}"}\n`;
  world.write(
    'stack.yaml',
    `services:\n${one('never', 'no')}${one('always', 'always')}${one('stopped', 'unless-stopped')}${one('unless', 'unless-stopped')}${one('byhand', 'always')}${one('failure', 'on-failure')}${one('done', 'on-failure', '"true"')}`,
  );
  world.berth('up', '-d');
  world.berth('stop', 'stopped', 'byhand');
  await eventually(() => world.ps().find((row) => row.Service === 'done')?.State === 'exited');

  await reboot();

  const running = () =>
    world
      .ps()
      .filter((row) => row.State === 'running')
      .map((row) => row.Service)
      .sort();
  const expected = ['always', 'byhand', 'failure', 'unless'];
  await eventually(() => running().join() === expected.join());
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8');
  expect(readFileSync(join(world.dataRoot, 'boot'), 'utf8')).toBe(bootId);
  world.berth('stop', 'byhand');
  process.kill(world.enginePid(), 'SIGKILL');
  expect(running()).toEqual(['always', 'failure', 'unless']);
  world.berth('down', '-v');
  expect(world.leaks()).toEqual([]);
});

test('after a boot what depends on others comes after them, as its conditions say; what completed rests', async () => {
  world.write(
    'stack.yaml',
    `services:
  db:
    image: host
    restart: always
    command: sh -c "touch /tmp/up; sleep 1000"
    healthcheck: {test: "test -e /data/go", interval: 100ms, start_interval: 100ms, start_period: 10m}
    volumes: [./data:/data]
  job: {image: host, command: echo ran}
  web:
    image: host
    restart: unless-stopped
    command: sleep 1000
    depends_on: {db: {condition: service_healthy}, job: {condition: service_completed_successfully}, off: {condition: service_started}}
  off: {image: host, command: sleep 1000}
  free: {image: host, command: sleep 1000, restart: always}
`,
  );
  const go = world.write('data/go', '');
  world.berth('up', '-d', '--wait');
  /* A completion that one more engine knows of is no matter of a shutdown. */
  world.berth('engine', 'stop');
  world.ps();
  rmSync(go);
  const states = () => Object.fromEntries(world.ps().map((row) => [row.Service, row.State]));

  await reboot();
  await eventually(() => states().db === 'running' && states().free === 'running');
  const meanwhile = states();
  world.write('data/go', '');
  await eventually(() => states().web === 'running');
  const why = world.berth('why', 'web').stdout;
  const plan = world.berth('plan').stdout;
  world.berth('down', '-v');

  expect(meanwhile).toEqual({ db: 'running', free: 'running', web: 'restarting', job: 'exited', off: 'exited' });
  expect(why).toContain('restart policy unless-stopped, after a restart of the machine');
  expect(plan).toContain('job completed');
  expect(plan).toContain('service:off:1 start-container');
  expect(world.leaks()).toEqual([]);
});

test('engine install writes a unit that starts this engine, or says that there is no systemd; uninstall removes it', () => {
  const folder = join(world.folder, 'units');

  const install = world.berth('engine', 'install', '--unit-dir', folder, '--json');
  const { Unit } = JSON.parse(install.stdout) as { Unit: string };
  const text = readFileSync(Unit, 'utf8');
  const uninstall = world.berth('engine', 'uninstall', '--unit-dir', folder);

  expect(text).toContain(`Environment=BERTH_DATA_ROOT=${world.dataRoot} BERTH_RUN_ROOT=${world.runRoot}\n`);
  expect(text).toMatch(/^ExecStart=\S+ \S+\/dist\/daemon\.cjs$/m);
  expect(text).toContain('KillMode=process\n');
  expect(uninstall.stdout).toContain(`removed ${Unit}`);
  expect(world.berth('engine', 'uninstall', '--unit-dir', folder).stdout).toContain('there is no');
});
