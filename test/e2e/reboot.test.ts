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

function reboot(): void {
  const pids = world.ps().map((row) => row.Pid);
  world.berth('engine', 'stop');
  for (const pid of pids.filter((p) => p > 0)) process.kill(pid, 'SIGKILL');
  /* What is noted of the kernel's own settings stays: they are as they were, too. */
  rmSync(join(world.runRoot, 'c'), { recursive: true, maxRetries: 20, retryDelay: 20 });
  writeFileSync(join(world.dataRoot, 'boot'), 'another\n');
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

  reboot();

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
