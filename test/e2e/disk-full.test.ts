/** The disk of the data root is full, really: what runs goes on, what needs room says so, and with room all is as before. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rootfs } from '../host/image/image-world.ts';
import { eventually, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;
beforeAll(() => {
  world = testWorld('disk-full');
  mkdirSync(world.dataRoot);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'berth-test', world.dataRoot]);
});
afterAll(() => {
  world.berth('down', '-v');
  world.berth('engine', 'stop');
  execFileSync('umount', [world.dataRoot]);
  world.close();
});

const ballast = () => join(world.dataRoot, 'ballast');
const fill = () => expect(() => writeFileSync(ballast(), Buffer.alloc(32 << 20))).toThrow('ENOSPC');
const full = { code: 1, stderr: expect.stringMatching(/error: (?:.*: )?the disk of .* is full/) };
const states = () => Object.fromEntries(world.ps().map((row) => [row.Service, row.State]));

test('a full disk harms nothing that is there, is named by what needs room, and is over when there is some', async () => {
  writeFileSync(join(world.folder, 'rootfs.tar'), rootfs('one'));
  expect(world.berth('image', 'import', 'rootfs.tar', 'one').code).toBe(0);
  const file = (word: string) =>
    `services:\n  web: {image: host, command: sleep 1000, restart: always, environment: {WORD: ${word}}}\n  other: {image: host, command: sleep 1000}\n`;
  world.write('stack.yaml', file('one'));
  expect(world.berth('up', '-d').code).toBe(0);
  const pid = world.ps('other')[0]!.Pid;

  fill();
  world.write('stack.yaml', file('two'));

  expect(world.berth('up', '-d')).toMatchObject(full);
  /* More than the connection holds: the answer comes while it is still being sent. */
  writeFileSync(join(world.folder, 'rootfs.tar'), Buffer.concat([rootfs('two'), Buffer.alloc(4 << 20)]));
  expect(world.berth('image', 'import', 'rootfs.tar', 'two')).toMatchObject(full);
  expect(world.ps('other')[0]).toMatchObject({ State: 'running', Pid: pid });
  expect(world.berth('image', 'ls').stdout).toContain('one');

  /* The machine is started again, the disk is as full as it was. */
  world.berth('engine', 'stop');
  process.kill(pid, 'SIGKILL');
  writeFileSync(join(world.dataRoot, 'boot'), 'another\n'.padEnd(37, ' '), { flag: 'r+' });
  expect(world.berth('image', 'ls')).toMatchObject({ code: 0, stdout: expect.stringContaining('one') });
  await eventually(() => states().web === 'running');
  /* What makes room works without any. */
  expect(world.berth('image', 'rm', 'one')).toMatchObject({ code: 0 });
  fill();
  expect(world.berth('stop', 'web')).toMatchObject({ code: 0 });
  expect(world.berth('down')).toMatchObject({ code: 0 });
  expect(world.ps()).toEqual([]);

  rmSync(ballast());
  expect(world.berth('up', '-d')).toMatchObject({ code: 0 });
  expect(world.berth('image', 'import', 'rootfs.tar', 'two').code).toBe(0);
  expect(states()).toEqual({ web: 'running', other: 'running' });
  expect(world.berth('exec', '-T', 'web', 'printenv', 'WORD').stdout).toBe('two\n');
  expect(existsSync(join(world.dataRoot, 'set-aside'))).toBe(false);
});
