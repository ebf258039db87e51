/** `system prune` and `df`: what nothing needs goes, what runs never does, however often it is pruned meanwhile. */
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rootfs } from '../host/image/image-world.ts';
import { BERTH, eventually, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;
beforeAll(() => {
  world = testWorld('system-prune');
  writeFileSync(join(world.folder, 'rootfs.tar'), rootfs('one'));
});
afterAll(() => {
  world.berth('down', '-v');
  world.close();
});

const ok = (...args: string[]) => {
  const { code, stdout, stderr } = world.berth(...args);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
};

test('containers that have ended, their networks, images and volumes go; what runs and what it needs stays', async () => {
  ok('image', 'import', '-c', 'LABEL keep=1', 'rootfs.tar', 'kept');
  ok('image', 'import', 'rootfs.tar', 'unused');
  const file = (name: string, command: string) =>
    `name: ${name}\nservices:\n  web: {image: host, command: ${command}, volumes: [/data]}\nnetworks: {default: {}}\n`;
  world.write('stack.yaml', file('system-prune', 'sleep 1000'));
  world.write('other.yaml', file('other', '"true"'));
  ok('up', '-d');
  ok('-f', 'other.yaml', 'up', '-d');
  await eventually(() => ok('-f', 'other.yaml', 'ps', '-a').includes('Exited (0)'), 30_000);
  const pid = world.ps()[0]!.Pid;

  expect(world.berth('system', 'prune', '--volumes', '--filter', 'until=1h', '-f')).toMatchObject({ code: 2 });
  const out = ok('system', 'prune', '-a', '--volumes', '-f', '--filter', 'label!=keep');

  expect(out).toContain('deleted container other-web-1');
  expect(out).toContain('deleted network other_default');
  expect(out).toMatch(/deleted volume [0-9a-f]{64}/);
  expect(out).toContain('untagged unused:latest');
  expect(out).not.toContain('kept');
  expect(world.ps()).toMatchObject([{ Service: 'web', State: 'running', Pid: pid }]);
  expect(ok('system', 'prune', '--json')).toContain('"containers": []');
  ok('rmi', 'kept');
  ok('-f', 'other.yaml', 'down');
});

test('a stack that comes up again and again beside a prune that never ends loses nothing', async () => {
  ok('image', 'import', 'rootfs.tar', 'base');
  world.write(
    'stack.yaml',
    'services:\n  web: {image: host, command: sleep 1000, volumes: [/data], networks: [a]}\n  mail: {image: host, command: sleep 1000, networks: [a, b]}\nnetworks: {a: {}, b: {}}\n',
  );
  ok('down', '-v');
  const stop = join(world.folder, 'stop');
  const loop = `while [ ! -e ${stop} ]; do ${BERTH} system prune -a --volumes -f || exit; done`;
  const pruning = spawn('nsenter', [`--net=/run/netns/${world.netns}`, 'sh', '-c', loop], {
    env: world.env,
    stdio: 'ignore',
  });
  try {
    for (let round = 0; round < 4; round++) {
      ok('up', '-d');
      expect(world.ps().map(({ State }) => State)).toEqual(['running', 'running']);
      ok('exec', '-T', 'web', 'touch', '/data/there');
      expect(ok('exec', '-T', 'web', 'ls', '/data')).toBe('there\n');
      ok('down', '-v');
    }
  } finally {
    writeFileSync(stop, '');
    await eventually(() => pruning.exitCode !== null, 60_000);
  }

  expect(pruning.exitCode).toBe(0);
  expect(existsSync(stop)).toBe(true);
});
