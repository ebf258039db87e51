/**
 * The isolation battery: a program that tries to get out, as root and as a user, in a container and in an exec.
 *
 * The probe must be able to fail: with rights it gets through.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ALL_CAPABILITIES } from '../../../src/runtime/capabilities.ts';
import { type RuntimeWorld, runtimeWorld } from './runtime-world.ts';

let world: RuntimeWorld;

beforeAll(async () => {
  world = await runtimeWorld('isolation');
  const source = join(import.meta.dirname, 'isolation-probe.c');
  execFileSync('cc', ['-static', '-O1', '-w', '-o', join(world.rootfs, 'probe'), source]);
});
afterAll(() => world.close());

const attempts = (output: string) => output.trim().split('\n');
const broken = (output: string) => attempts(output).filter((line) => !line.startsWith('blocked '));

test('root in a container gets nowhere', async () => {
  const { stdout } = await world.run(['/probe']);

  expect(broken(stdout)).toEqual([]);
  expect(attempts(stdout).length).toBeGreaterThan(60);
});

test('neither does a user', async () => {
  const { stdout } = await world.run(['/probe'], { process: { user: { spec: '1000:1000', additionalGroups: [] } } });

  expect(broken(stdout)).toEqual([]);
});

/** Attempts that do no harm to the machine when they succeed. */
const HARMLESS =
  'mount_tmpfs bind_root new_api_open_tree new_api_fsopen unshare_mount unshare_user unshare_net unshare_pid clone_user ' +
  'bpf perf uring add_key_call keyctl_call fault_fd set_name interrupts personality_call no_filter';

test('the probe can fail: without filter and with all capabilities most attempts get through', async () => {
  const { stdout } = await world.run(['/probe', ...HARMLESS.split(' ')], {
    process: { capabilities: ALL_CAPABILITIES, noNewPrivileges: false },
    linux: { seccomp: 'unconfined', maskedPaths: [] },
  });

  expect(broken(stdout).length).toBeGreaterThan(12);
});

test('an exec into a container gets nowhere either', async () => {
  const spec = world.spec(['sleep', '60']);
  const container = await world.runtime.start(spec);

  const output = await world.exec(container, spec, ['/probe']);

  expect(broken(output)).toEqual([]);
  await container.signal(9);
  await container.exited;
});
