/** A start that fails says why, and leaves nothing, at whatever stage it was. */
import { chmodSync, existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defaultMounts } from '../../../src/runtime/defaults.ts';
import { ContainerStartError } from '../../../src/runtime/runtime.ts';
import { eventually } from './eventually.ts';
import { type RuntimeWorld, runtimeWorld, type SpecChanges } from './runtime-world.ts';

let world: RuntimeWorld;

beforeAll(async () => {
  world = await runtimeWorld('errors');
  writeFileSync(join(world.rootfs, 'bin/plain'), '#!/bin/sh\n');
  writeFileSync(join(world.rootfs, 'bin/garbage'), '\u007fELFgarbage');
  writeFileSync(join(world.rootfs, 'bin/no-interpreter'), '#!/no/such/shell\n');
  for (const name of ['garbage', 'no-interpreter']) chmodSync(join(world.rootfs, 'bin', name), 0o755);
  chmodSync(join(world.rootfs, 'bin/plain'), 0o644);
});
afterAll(() => world.close());

test.each([
  ['nothing-like-it', 'COMMAND_NOT_FOUND', 127, 'the container has no program "nothing-like-it"'],
  ['/bin/missing', 'COMMAND_NOT_FOUND', 127, 'the container has no program "/bin/missing"'],
  ['./missing', 'COMMAND_NOT_FOUND', 127, 'the container has no program "./missing"'],
  ['', 'COMMAND_NOT_FOUND', 127, 'the container has no program ""'],
  ['plain', 'COMMAND_NOT_EXECUTABLE', 126, 'the container\'s program "plain" can not be run: permission denied'],
  [
    '/bin/plain',
    'COMMAND_NOT_EXECUTABLE',
    126,
    'the container\'s program "/bin/plain" can not be run: permission denied',
  ],
  ['/tmp', 'COMMAND_NOT_EXECUTABLE', 126, 'the container\'s program "/tmp" can not be run: permission denied'],
  [
    '/bin/garbage',
    'COMMAND_NOT_EXECUTABLE',
    126,
    'the container\'s program "/bin/garbage" can not be run: not a program that this machine can run',
  ],
])('the program "%s" is %s', async (program, code, exitCode, message) => {
  const failure = await world.refusal([program], { process: { origin: 'services.web.command' } });

  expect(failure).toMatchObject({ code, exitCode, message, origin: 'services.web.command' });
});

test('a script whose interpreter is missing is not found', async () => {
  const failure = await world.refusal(['no-interpreter']);

  expect(failure.code).toBe('COMMAND_NOT_FOUND');
});

test('a program is looked for in the PATH of the container', async () => {
  const seen = await world.run(['echo', 'found'], { process: { env: ['PATH=/nowhere:/bin'] } });

  expect(seen.stdout).toBe('found\n');
});

const bindOf = (source: string): SpecChanges => ({
  config: {
    mounts: [
      ...defaultMounts(),
      { type: 'bind', source, destination: '/data', options: [], origin: 'services.web.volumes[0]' },
    ],
  },
});

const stages: readonly [string, SpecChanges, Partial<ContainerStartError>][] = [
  [
    'a bind source that is missing',
    bindOf('/no/such/folder'),
    {
      code: 'RUNTIME_FAILED',
      errno: 'ENOENT',
      origin: 'services.web.volumes[0]',
      message: 'bind mount of /no/such/folder on /data failed: no such file or directory',
    },
  ],
  [
    'a layer that is missing',
    { spec: { rootfs: { lowers: ['/no/such/layer'], upper: null } } },
    {
      code: 'RUNTIME_FAILED',
      errno: 'ENOENT',
      message: 'mounting the root filesystem failed: no such file or directory',
    },
  ],
  [
    'a user that is unknown',
    { process: { user: { spec: 'ghost', additionalGroups: [] } } },
    { code: 'RUNTIME_FAILED' },
  ],
  [
    'a working directory that is a file',
    { process: { cwd: '/etc/passwd', origin: 'services.web' } },
    {
      code: 'RUNTIME_FAILED',
      errno: 'ENOTDIR',
      origin: 'services.web',
      message: 'entering the working directory /etc/passwd failed: not a directory',
    },
  ],
  [
    'a cgroup value that the kernel refuses',
    { linux: { resources: { devices: 'default', cpu: { quota: 1, period: 1 } } } },
    { code: 'RUNTIME_FAILED', errno: 'EINVAL', message: 'setting the cpu limit failed: invalid argument' },
  ],
  [
    'a bridge that is missing',
    {
      spec: {
        interfaces: [
          {
            hostName: `bt${process.pid}`,
            name: 'eth0',
            bridge: 'no-such-bridge',
            mac: '02:00:00:00:00:01',
            mtu: 1500,
            addresses: [],
            gateways: [],
            origin: 'services.web.networks',
          },
        ],
      },
    },
    {
      code: 'NETWORK_FAILED',
      errno: 'ENODEV',
      origin: 'services.web.networks',
      message: 'connecting eth0 to the bridge no-such-bridge failed: no such device',
    },
  ],
  [
    'a log folder that is missing',
    { spec: { log: { path: '/no/such/log', maxBytes: 1000, maxFiles: 1, bufferBytes: 0 } } },
    { errno: 'ENOENT' },
  ],
  ['a program that is missing', { process: { args: ['missing'] } }, { code: 'COMMAND_NOT_FOUND' }],
];

/** Processes that have the folder open, as a monitor has its state folder from its first op to its end. */
const holdersOf = (folder: string) =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => openFiles(pid).includes(folder));

function openFiles(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  } catch {
    // It has ended, or closed a descriptor, while we were looking.
    return [];
  }
}

test('a monitor is found by the state folder that it holds', async () => {
  const { container, spec } = await world.start(['sleep', '60']);

  const holders = holdersOf(spec.stateDir);
  await world.end(container);

  expect(holders.map(Number)).toEqual([
    Number(/^\d+ \d+ (\d+)/.exec(readFileSync(join(spec.stateDir, 'run'), 'utf8'))![1]),
  ]);
});

test.each(stages)('%s leaves nothing behind', async (_, changes, expected) => {
  const spec = world.spec(['true'], changes);
  const links = readdirSync('/sys/class/net');

  const failure = await world.runtime.start(spec).catch((error: unknown) => error);

  expect(failure).toBeInstanceOf(ContainerStartError);
  expect(failure).toMatchObject(expected);
  expect(readdirSync(spec.stateDir)).toEqual([]);
  expect(await world.runtime.listCgroups()).toEqual([]);
  expect(readdirSync('/sys/class/net')).toEqual(links);
  await eventually(() => holdersOf(spec.stateDir).length === 0);
});

test('after a failed start the same container can be started', async () => {
  const spec = world.spec(['true'], bindOf('/no/such/folder'));
  await world.runtime.start(spec).catch(() => {});

  const again = { ...spec, config: { ...spec.config, mounts: defaultMounts() } };
  const container = await world.runtime.start(again);

  expect((await container.exited).code).toBe(0);
  expect(existsSync(join(spec.stateDir, 'exit'))).toBe(true);
});
