/** `berth pull` of a stack: side by side, with docker compose's flags; from a registry that answers in this process. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FakeRegistry, fakeRegistry } from '../host/registry/fake-registry.ts';
import { eventually, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;
let registry: FakeRegistry;
beforeAll(async () => {
  world = testWorld('pull');
  registry = await fakeRegistry(world.netns);
  for (const tag of ['a', 'b', 'c']) registry.image(tag, [tag]);
  registry.image('other', ['other'], { architecture: process.arch === 'x64' ? 'arm64' : 'amd64' });
});
afterAll(async () => {
  world.berth('image', 'prune', '-a', '-f');
  await registry.close();
  world.close();
});

/** Not waited for by blocking: the registry is in here. */
async function berth(...args: string[]) {
  const child = world.spawn(args);
  const out = { stdout: '', stderr: '' };
  child.stdout!.on('data', (text: Buffer) => (out.stdout += text.toString()));
  child.stderr!.on('data', (text: Buffer) => (out.stderr += text.toString()));
  const code = await new Promise((resolve) => child.once('close', resolve));
  return { code, ...out };
}
const seen = (tag: string) => registry.seen.filter(({ path }) => path.endsWith(`/manifests/${tag}`)).length;
const line = (name: string, tag: string, more = '') => `  ${name}: {image: "${registry.host}/x:${tag}"${more}}\n`;

test('images come side by side, but no more at a time than was asked for', async () => {
  world.write('stack.yaml', `services:\n${line('a', 'a')}${line('b', 'b')}`);
  /* Each is held until the other is asked for: one after the other would never end. */
  let isHeld = true;
  const hold = async () => {
    if (isHeld) await eventually(() => !isHeld || (seen('a') > 0 && seen('b') > 0), 60_000);
    return false;
  };
  registry.trick(/manifests\/[ab]$/, hold);

  const pulled = await berth('pull');

  expect(pulled).toMatchObject({ code: 0, stderr: expect.stringContaining('pulled') });
  expect(pulled.stdout).toBe(`${registry.host}/x:a pulled\n${registry.host}/x:b pulled\n`);
  isHeld = false;
  expect(await berth('--parallel', '1', 'pull', '-q')).toMatchObject({ code: 0, stdout: '', stderr: '' });
});

test('--policy missing asks nobody for what is there, but for another platform it does', async () => {
  const other = process.arch === 'x64' ? 'linux/arm64' : 'linux/amd64';
  world.write('stack.yaml', `services:\n${line('c', 'c')}${line('o', 'other', `, platform: ${other}`)}`);
  await berth('pull');
  const before = [seen('c'), seen('other')];

  expect((await berth('pull', '--policy', 'missing')).stdout).toBe('');

  expect([seen('c'), seen('other')]).toEqual(before);
  world.write('stack.yaml', `services:\n${line('c', 'c', `, platform: ${other}`)}`);
  expect(await berth('pull', '--policy', 'missing')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`not for ${other}`),
  });
  expect(seen('c')).toBeGreaterThan(before[0]!);
});

test('one that fails does not keep the others from coming; --ignore-pull-failures makes it a warning', async () => {
  world.berth('rmi', `${registry.host}/x:a`);
  const file = `services:\n${line('none', 'none')}${line('a', 'a', ', depends_on: [b]')}${line('b', 'b')}${line('built', 'c', ', build: .')}`;
  world.write('stack.yaml', file);

  const failed = await berth('pull');
  const ignored = await berth('pull', '--ignore-pull-failures', '--ignore-buildable');
  const named = await berth('pull', '--include-deps', 'a');

  expect(failed).toMatchObject({ code: 1, stdout: expect.stringContaining('x:a pulled') });
  expect(ignored).toMatchObject({ code: 0, stderr: expect.stringMatching(/warning: .*x:none: /) });
  /* A dependency comes first in a stack. */
  expect(ignored.stdout).toBe(`${registry.host}/x:b is up to date\n${registry.host}/x:a is up to date\n`);
  expect(named.stdout).toBe(ignored.stdout);
});

test('daily, weekly and every_12h go by when the image was last compared with its registry', async () => {
  const path = join(world.dataRoot, 'images/index.json');
  const backdate = (hours: number) => {
    world.berth('engine', 'stop');
    const at = new Date(Date.now() - hours * 3600_000).toISOString();
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/("berth\.pulled-at": ")[^"]*/g, `$1${at}`));
  };
  const asksAfter = async (policy: string, hours: number) => {
    world.write('stack.yaml', `services:\n${line('a', 'a', `, pull_policy: ${policy}`)}`);
    backdate(hours);
    const before = seen('a');
    expect(await berth('create')).toMatchObject({ code: 0 });
    return seen('a') > before;
  };
  world.write('stack.yaml', `services:\n${line('a', 'a')}`);
  await berth('pull');

  const asked = [
    await asksAfter('daily', 20),
    await asksAfter('every_12h', 20),
    await asksAfter('daily', 30),
    await asksAfter('weekly', 30),
    await asksAfter('weekly', 200),
    await asksAfter('missing', 2000),
  ];

  expect(asked).toEqual([false, true, true, false, true, false]);
  world.berth('down', '-v');
});

test('an image that has come for a stack stays until its container is there, whoever prunes meanwhile', async () => {
  world.berth('image', 'prune', '-a', '-f');
  for (const tag of ['first', 'last']) registry.image(tag, [tag]);
  world.write('stack.yaml', `services:\n${line('first', 'first')}${line('last', 'last')}`);
  let isHeld = true;
  registry.trick(/manifests\/last$/, async () => {
    await eventually(() => !isHeld, 60_000);
    return false;
  });
  const creating = berth('create');
  const name = `${registry.host}/x:first`;
  await eventually(() => world.berth('image', 'inspect', name).code === 0, 60_000);

  const removed = world.berth('rmi', name);
  const pruned = world.berth('image', 'prune', '-a', '-f');
  isHeld = false;

  expect(await creating).toMatchObject({ code: 0 });
  expect(removed).toMatchObject({ code: 1, stderr: expect.stringContaining('is being brought up') });
  expect(pruned).toMatchObject({ code: 0, stdout: expect.not.stringContaining('x:first') });
  expect(world.berth('down', '-v').code).toBe(0);
  expect(world.berth('image', 'prune', '-a', '-f').stdout).toContain('x:first');
});
