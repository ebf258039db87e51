/** The examples of this package, as a person would use them, with pieces killed while they run. */
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually, REPO, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;

beforeAll(() => {
  world = testWorld('examples');
});
afterEach(() => {
  world.berth('down', '-v');
  expect(world.leaks()).toEqual([]);
});
afterAll(() => world.close());

const bringUp = (name: string) => {
  cpSync(join(REPO, 'examples', name), world.folder, { recursive: true });
  const up = world.berth('up', '-d', '--wait');
  expect(up.code, up.stderr).toBe(0);
};

const post = (url: string, body: unknown) =>
  JSON.parse(
    world.inside(
      'curl',
      '-sS',
      '-m',
      '10',
      '-X',
      'POST',
      '-H',
      'content-type: application/json',
      '-d',
      JSON.stringify(body),
      url,
    ).stdout,
  ) as Record<string, unknown>;

const list = (url: string) => JSON.parse(world.get(url).body) as Record<string, unknown>[];

const pidOf = (service: string) => world.ps().find((row) => row.Service === service)!.Pid;

test('the shop keeps every order, though its store is killed and the stack taken down', {
  timeout: 60_000,
}, async () => {
  bringUp('shop');
  const orders = 'http://127.0.0.1:8080/api/orders';
  const made = ['rope', 'lamp', 'map'].map((item) => post(orders, { item, quantity: 2 }).id);
  const before = pidOf('store');

  process.kill(before, 'SIGKILL');
  await eventually(() => pidOf('store') !== 0 && pidOf('store') !== before);
  await eventually(
    () => world.get(orders).status === 200 && list(orders).every((order) => order.status === 'done'),
    30_000,
  );
  world.berth('down');
  const again = world.berth('up', '-d', '--wait');

  expect(again.code, again.stderr).toBe(0);
  expect(
    list(orders)
      .map((order) => order.id)
      .sort(),
  ).toEqual([...made].sort());
});

const SERVERS = ['/usr/sbin/nginx', '/usr/bin/redis-server', '/usr/lib/postgresql'];

test.skipIf(!SERVERS.every((path) => existsSync(path)))(
  'PostgreSQL, Redis and nginx of this machine keep what was written through them, though they are killed',
  { timeout: 90_000 },
  async () => {
    bringUp('servers');
    const notes = 'http://127.0.0.1:8081/notes';
    const note = post(notes, { text: 'kept' });
    const visits = () => JSON.parse(world.get('http://127.0.0.1:8081/').body) as { visits: number; notes: unknown[] };
    const before = visits();

    for (const service of ['postgres', 'redis', 'nginx', 'app']) {
      const pid = pidOf(service);
      process.kill(pid, 'SIGKILL');
      await eventually(() => pidOf(service) !== 0 && pidOf(service) !== pid, 20_000);
    }
    await eventually(() => world.get('http://127.0.0.1:8081/').status === 200, 30_000);

    const after = visits();
    expect(note).toMatchObject({ text: 'kept' });
    expect(JSON.stringify(after.notes)).toContain('kept');
    expect(after.visits).toBeGreaterThan(before.visits);
  },
);

test('every template comes up healthy as it is', { timeout: 120_000 }, () => {
  for (const name of readdirSync(join(REPO, 'templates'))) {
    const folder = join(world.folder, `t-${name}`);
    const made = world.berth('init', '--template', name, folder);
    expect(made.code, made.stderr).toBe(0);

    const up = world.berth('--project-directory', folder, '-f', join(folder, 'stack.yaml'), 'up', '-d', '--wait');
    const down = world.berth('-p', `t-${name}`, 'down', '-v');

    expect([name, up.code, up.stderr.includes('healthy') || up.stderr.includes('running')]).toEqual([name, 0, true]);
    expect(down.code, down.stderr).toBe(0);
  }
});

test('init replaces nothing that is there', () => {
  world.write('mine/stack.yaml', 'services: {}\n');

  const refused = world.berth('init', 'mine');

  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('stack.yaml exists')]);
});
