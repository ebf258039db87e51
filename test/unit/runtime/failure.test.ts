import { expect, test } from 'vitest';
import { startError } from '../../../src/runtime/failure.ts';
import { type Op, op } from '../../../src/runtime/op.ts';

const ENOENT = 2;
const EACCES = 13;
const ENODEV = 19;
const EINVAL = 22;

const failureOf = (failed: Op, errno: number, message = 'raw') =>
  startError([op('tag', ['t']), failed], { op: 1, errno, message });

test('the phrase of the op and the reason of the kernel make the sentence', () => {
  const failure = failureOf(op('bind', ['/a', '/b', ''], 'bind mount of /a on /b', 'services.web.volumes[0]'), ENOENT);

  expect(failure).toMatchObject({
    code: 'RUNTIME_FAILED',
    message: 'bind mount of /a on /b failed: no such file or directory',
    origin: 'services.web.volumes[0]',
    errno: 'ENOENT',
    exitCode: 125,
  });
});

test.each([
  [ENOENT, 'COMMAND_NOT_FOUND', 127, 'the container has no program "web"'],
  [EACCES, 'COMMAND_NOT_EXECUTABLE', 126, 'the container\'s program "web" can not be run: permission denied'],
  [
    8,
    'COMMAND_NOT_EXECUTABLE',
    126,
    'the container\'s program "web" can not be run: not a program that this machine can run',
  ],
])('errno %i of exec', (errno, code, exitCode, message) => {
  expect(failureOf(op('exec', ['web']), errno)).toMatchObject({ code, exitCode, message });
});

test('about users and where there is no errno, the executor speaks for itself', () => {
  expect(failureOf(op('user', ['ghost', '']), ENOENT, 'user ghost: no such user').message).toBe(
    'user ghost: no such user',
  );
  expect(failureOf(op('mount', []), 0, 'nothing there').message).toBe('nothing there');
});

test('a kernel that lacks something is not our failure', () => {
  expect(failureOf(op('mount', [], 'mount of x on /x'), ENODEV).code).toBe('HOST_LACKS_FEATURE');
  expect(
    failureOf(op('cgroup-write', ['/cg/memory.memsw.limit_in_bytes', '1'], 'setting the swap limit'), ENOENT),
  ).toMatchObject({
    code: 'HOST_LACKS_CONTROLLER',
    hint: 'this kernel has no memory.memsw.limit_in_bytes: remove the setting, or run `berth doctor`',
  });
  expect(failureOf(op('cgroup-write', ['/cg/cpu.max', 'x'], 'setting the cpu limit'), EINVAL).code).toBe(
    'RUNTIME_FAILED',
  );
});

test('a bridge that is gone is a failure of the network, a kernel without veth lacks a feature', () => {
  const veth = op('veth', [], 'connecting eth0 to the bridge br1');

  expect(failureOf(veth, ENODEV).code).toBe('NETWORK_FAILED');
  expect(failureOf(veth, 95).code).toBe('HOST_LACKS_FEATURE');
});

test('an errno that has no name here is given by its number', () => {
  expect(failureOf(op('pivot', [], 'changing to the new root'), 999)).toMatchObject({
    errno: 'E999',
    message: 'changing to the new root failed: error 999',
  });
});
