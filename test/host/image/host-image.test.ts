/** `image: host` on this machine: what is in it, and above all what is not. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hostImage } from '../../../src/image/host-image.ts';
import { readHostRoot } from '../../../src/image/host-root.ts';
import { type ImageWorld, imageWorld } from './image-world.ts';

let world: ImageWorld;

beforeEach(async () => {
  world = await imageWorld();
});
afterEach(() => world.close());

async function skeleton(): Promise<string> {
  return (await world.images.resolve('host'))!.lowers[0]!;
}

test('it resolves to a skeleton with /usr bound into it', async () => {
  const image = await world.images.resolve('host');

  expect(image).toMatchObject({ reference: 'host', id: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) });
  expect(image?.binds[0]).toEqual({ source: '/usr', target: '/usr' });
  expect(image?.config).toMatchObject({ cmd: ['/bin/sh'], workingDir: '/', user: '' });
  expect(image?.config.env[0]).toMatch(/^PATH=.*\/usr\/local\/bin:.*\/bin$/);
});

test('folders have the modes of a root', async () => {
  const root = await skeleton();

  const modes = ['', 'tmp', 'var/tmp', 'root', 'etc', 'proc', 'home', 'etc/ssl', 'etc/ssl/certs'].map((path) =>
    (statSync(join(root, path)).mode & 0o7777).toString(8),
  );

  expect(modes).toEqual(['755', '1777', '1777', '700', '755', '555', '755', '755', '755']);
});

test('modes do not depend on the umask', async () => {
  const umask = process.umask(0o077);
  const root = await skeleton().finally(() => process.umask(umask));

  expect(
    ['', 'etc', 'etc/ssl', 'etc/passwd'].map((path) => (statSync(join(root, path)).mode & 0o7777).toString(8)),
  ).toEqual(['755', '755', '755', '644']);
});

test('links to /usr are exactly those of this machine', async () => {
  const root = await skeleton();
  const links = ['bin', 'sbin', 'lib', 'lib64'].filter(
    (name) => existsSync(`/${name}`) && lstatSync(`/${name}`).isSymbolicLink(),
  );

  expect(links.map((name) => readlinkSync(join(root, name)))).toEqual(links.map((name) => readlinkSync(`/${name}`)));
});

test('a program of this machine runs in it, with names and certificates', async () => {
  const image = (await world.images.resolve('host'))!;
  const target = join(world.dataDir, 'root');
  mkdirSync(target);
  const script = [
    `mount --bind ${image.lowers[0]} ${target}`,
    ...image.binds.map(({ source, target: path }) => `mount --bind ${source} ${target}${path}`),
    `env -i ${image.config.env.join(' ')} chroot ${target} /bin/sh -c 'id -un; ls -d /etc/ssl/certs; node -p 6*7; getent passwd nobody | cut -d: -f1; echo /home/* /root/.* /srv/* /opt/*'`,
  ].join(' && ');

  const output = execFileSync('unshare', ['-m', 'sh', '-c', script], { encoding: 'utf8' });

  expect(output).toMatch(/^root\n\/etc\/ssl\/certs\n42\nnobody\n\/home\/\* /);
});

test('no secret, person or setting of this machine is in it', async () => {
  const root = await skeleton();

  const there = [
    'etc/shadow',
    'etc/gshadow',
    'etc/ssh',
    'etc/ssl/private',
    'etc/sudoers',
    'etc/machine-id',
    'etc/hostname-',
    'etc/npmrc',
    'etc/pip.conf',
    'etc/environment',
    'etc/docker',
  ].filter((path) => existsSync(join(root, path)));
  const empty = ['root', 'home', 'srv', 'mnt', 'var/log', 'var/lib', 'tmp'].flatMap((path) =>
    readdirSync(join(root, path)),
  );
  const ids = readFileSync(join(root, 'etc/passwd'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => Number(line.split(':')[2]));

  expect({ there, empty }).toEqual({ there: [], empty: [] });
  expect(ids.filter((id) => id >= 1000 && id !== 65534)).toEqual([]);
  expect(readFileSync(join(root, 'etc/passwd'), 'utf8')).not.toMatch(/\$[0-9a-z]+\$/);
  expect(readFileSync(join(root, 'etc/hosts'), 'utf8')).toBe('127.0.0.1 localhost\n::1 localhost\n');
});

test('every file in it is one that everybody may read', async () => {
  const root = await skeleton();

  const unreadable = execFileSync('find', [root, '-type', 'f', '!', '-perm', '-004'], { encoding: 'utf8' });
  const special = execFileSync('find', [root, '!', '-type', 'f', '!', '-type', 'd', '!', '-type', 'l'], {
    encoding: 'utf8',
  });

  expect({ unreadable, special }).toEqual({ unreadable: '', special: '' });
});

test('it is made once, found again by another engine, and made again when it was removed', async () => {
  const first = await skeleton();
  const { ino } = statSync(first);

  const second = (await (await world.reopen()).resolve('host'))!.lowers[0]!;
  expect([second, statSync(second).ino]).toEqual([first, ino]);

  rmSync(first, { recursive: true });
  const third = (await (await world.reopen()).resolve('host'))!.lowers[0]!;
  expect(existsSync(join(third, 'etc/passwd'))).toBe(true);
});

test.each(['', '{', '{"signature":7}', 'null', '{"signature":"x","inputs":[],"skeleton":{"folder":"/etc"}}'])(
  'a note that reads %j is not believed',
  async (text) => {
    const first = await skeleton();
    writeFileSync(join(world.dataDir, 'host-image/current.json'), text);

    expect((await (await world.reopen()).resolve('host'))!.lowers[0]).toBe(first);
  },
);

test('another content of this machine makes another one; the old one goes at the next start, unless it is mounted', async () => {
  const folder = join(world.dataDir, 'host-image');
  const input = join(world.dataDir, 'input');
  const real = readHostRoot();
  const readRoot = () => ({ ...real, digest: readFileSync(input, 'utf8').repeat(32), inputs: [input] });
  writeFileSync(input, 'aa');
  const before = hostImage(folder, readRoot).resolve();
  const mounted = join(world.dataDir, 'mounted');
  mkdirSync(mounted);
  mkdirSync(join(world.dataDir, 'empty'));

  writeFileSync(input, 'bb');
  const after = hostImage(folder, readRoot);
  expect(after.resolve().id).not.toBe(before.id);

  execFileSync('mount', [
    '-t',
    'overlay',
    'overlay',
    '-o',
    `lowerdir=${before.lowers[0]}:${join(world.dataDir, 'empty')}`,
    mounted,
  ]);
  await after.open();
  expect(existsSync(before.lowers[0]!)).toBe(true);

  execFileSync('umount', [mounted]);
  await after.open();
  expect(existsSync(before.lowers[0]!)).toBe(false);
  expect(existsSync(after.resolve().lowers[0]!)).toBe(true);
});

test('finding it again is cheap', async () => {
  const folder = join(world.dataDir, 'host-image');
  hostImage(folder).resolve();

  let read = 0;
  hostImage(folder, () => {
    read++;
    return readHostRoot();
  }).resolve();

  expect(read).toBe(0);
});

test('inspect and list show it like any image', async () => {
  const { id } = (await world.images.resolve('host'))!;

  expect(await world.images.inspect('host')).toMatchObject({
    id,
    names: ['host'],
    os: 'linux',
    layers: [],
    config: { cmd: ['/bin/sh'] },
  });
  expect(await world.images.list()).toMatchObject([{ id, names: ['host'] }]);
});
