/** Who a program is inside: user, groups, capabilities, limits, folder and environment. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ALL_CAPABILITIES } from '../../../src/runtime/capabilities.ts';
import type { OciProcess } from '../../../src/runtime/spec.ts';
import { type RuntimeWorld, runtimeWorld } from './runtime-world.ts';

let world: RuntimeWorld;

beforeAll(async () => {
  world = await runtimeWorld('identity');
});
afterAll(() => world.close());

const as = (spec: string, additionalGroups: readonly string[] = []) => ({
  process: { user: { spec, additionalGroups } },
});

test.each([
  ['', '0 0 0 /root'],
  ['root', '0 0 0 /root'],
  ['app', '1000 1000 1000 2000 /home/app'],
  ['1000', '1000 1000 1000 2000 /home/app'],
  ['app:extra', '1000 2000 2000 /home/app'],
  ['1000:2000', '1000 2000 2000 /home/app'],
  ['app:0', '1000 0 0 /home/app'],
  ['4242', '4242 0 0 /'],
  ['4242:4343', '4242 4343 4343 /'],
])('the user "%s" has uid, gid, groups and home %s', async (spec, expected) => {
  const seen = await world.sh('echo $(id -u) $(id -g) $(id -G) $HOME', as(spec));

  expect(seen).toBe(expected);
});

test('supplementary groups are added by name and by number', async () => {
  const seen = await world.sh('id -G', as('app:app', ['extra', '3000']));

  expect(seen.split(' ').sort()).toEqual(['1000', '2000', '3000']);
});

test.each([
  ['ghost', 'user ghost: no such user'],
  ['app:ghosts', 'ghosts: no such group'],
  ['4294967295', '4294967295'],
  ['-1', '-1'],
])('the user "%s" is refused by name', async (spec, message) => {
  const failure = await world.refusal(['true'], as(spec));

  expect(failure).toMatchObject({ code: 'RUNTIME_FAILED', message: expect.stringContaining(message) });
});

test('a HOME that was given stays', async () => {
  const seen = await world.sh('echo $HOME', { process: { env: ['PATH=/bin', 'HOME=/given'] } });

  expect(seen).toBe('/given');
});

test('the environment is what was given and HOME, nothing of ours', async () => {
  const { stdout } = await world.run(['env'], { process: { env: ['PATH=/bin', 'EMPTY=', 'SPACED=a  b=c'] } });

  expect(stdout.trimEnd().split('\n').sort()).toEqual(['EMPTY=', 'HOME=/root', 'PATH=/bin', 'SPACED=a  b=c']);
});

test('a missing working directory is made and belongs to the user', async () => {
  const seen = await world.sh('pwd; stat -c %u:%g:%a .', { process: { ...as('app').process, cwd: '/srv/deep/er' } });

  expect(seen).toBe('/srv/deep/er\n1000:1000:755');
});

test.each([
  [undefined, '22'],
  [0o077, '77'],
  [0, '0'],
])('the umask %s is set', async (umask, expected) => {
  const user = { spec: '', additionalGroups: [], ...(umask === undefined ? {} : { umask }) };

  const seen = await world.sh('umask', { process: { user } });

  expect(Number(seen)).toBe(Number(expected));
});

/** CapInh, CapPrm, CapEff, CapBnd, CapAmb. */
async function capabilitiesOf(process: Partial<OciProcess>): Promise<string[]> {
  const status = await world.sh('grep ^Cap /proc/self/status', { process });
  return status.split('\n').map((line) => line.replace(/^\w+:\s+0*/, '') || '0');
}

test('root has the fourteen default capabilities and none to inherit', async () => {
  expect(await capabilitiesOf({})).toEqual(['0', 'a80425fb', 'a80425fb', 'a80425fb', '0']);
});

test('a user has none, and may get no more than the bounding set', async () => {
  expect(await capabilitiesOf(as('app').process)).toEqual(['0', '0', '0', 'a80425fb', '0']);
});

test('capabilities are exactly those that were asked for', async () => {
  const capabilities = ['CAP_NET_ADMIN', 'CAP_KILL'];

  expect(await capabilitiesOf({ capabilities })).toEqual(['0', '1020', '1020', '1020', '0']);
});

test('a program without any capability runs', async () => {
  expect(await capabilitiesOf({ capabilities: [] })).toEqual(['0', '0', '0', '0', '0']);
});

test('of all capabilities a container gets those that berth itself has', async () => {
  const [, permitted, effective, bounding] = await capabilitiesOf({ capabilities: ALL_CAPABILITIES });

  expect([effective, bounding]).toEqual([permitted, permitted]);
  expect(BigInt(`0x${permitted}`) & 0x200000n).toBe(0x200000n);
});

test.each([
  [true, '1'],
  [false, '0'],
])('no_new_privs %s is %s in the kernel', async (noNewPrivileges, expected) => {
  const seen = await world.sh('grep NoNewPrivs /proc/self/status', {
    process: { noNewPrivileges, capabilities: ALL_CAPABILITIES },
    linux: { seccomp: 'unconfined' },
  });

  expect(seen).toBe(`NoNewPrivs:\t${expected}`);
});

test('limits are lowered, soft and hard', async () => {
  const rlimits = [
    { type: 'nofile', soft: 100, hard: 200 },
    { type: 'RLIMIT_CORE', soft: 0, hard: 0 },
  ];

  const seen = await world.sh("grep -E 'open files|core' /proc/self/limits | tr -s ' '", { process: { rlimits } });

  expect(seen.split('\n')).toEqual(['Max core file size 0 0 bytes ', 'Max open files 100 200 files']);
});

/** Bit 24 of our own effective set is CAP_SYS_RESOURCE. */
const mayRaise = (BigInt(`0x${/CapEff:\t(\w+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]}`) >> 24n) & 1n;

test.skipIf(mayRaise)('a limit above what berth may set is refused with its place in the stack file', async () => {
  const rlimits = [{ type: 'nproc', soft: 1_000_000_000, hard: 1_000_000_000, origin: 'services.web.ulimits.nproc' }];

  const failure = await world.refusal(['true'], { process: { rlimits } });

  expect(failure).toMatchObject({ code: 'HOST_LACKS_FEATURE', origin: 'services.web.ulimits.nproc', errno: 'EPERM' });
});

test('the OOM score is raised', async () => {
  const seen = await world.sh('cat /proc/self/oom_score_adj', { process: { oomScoreAdj: 500 } });

  expect(seen).toBe('500');
});
