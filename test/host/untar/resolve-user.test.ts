/** `user:` against the image's own /etc/passwd and /etc/group, with Docker's rules. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { executorPath } from '../../../src/runtime/executor-path.ts';

const PASSWD = `root:x:0:0:root:/root:/bin/sh
broken line
short:x:5
app:x:1000:1001:App:/home/app:/bin/sh
1234:x:77:78::/named:/bin/sh
overflow:x:4294967296:0::/:/bin/sh
negative:x:-1:0::/:/bin/sh
homeless:x:1002:1002::
`;
const GROUP = `root:x:0:
app:x:1001:
adm:x:4:root,app
video:x:44:other,app
big:x:99999999999:app
`;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'berth-user-'));
  writeFileSync(join(folder, 'passwd'), PASSWD);
  writeFileSync(join(folder, 'group'), GROUP);
});
afterEach(() => rmSync(folder, { recursive: true }));

function resolve(spec: string, passwd = join(folder, 'passwd'), group = join(folder, 'group')): string {
  const { status, stdout, stderr } = spawnSync(executorPath(), ['resolve-user', passwd, group, spec], {
    encoding: 'utf8',
    timeout: 5000,
  });
  return status === 0 ? stdout.trimEnd() : `${status} ${stderr.trimEnd()}`;
}

test.each([
  ['', '0 0 4 /root'],
  ['root', '0 0 4 /root'],
  ['app', '1000 1001 4,44 /home/app'],
  ['1000', '1000 1001 4,44 /home/app'],
  ['app:video', '1000 44  /home/app'],
  ['app:7', '1000 7  /home/app'],
  ['app:', '1000 1001 4,44 /home/app'],
  ['1234', '77 78  /named'],
  ['555', '555 0  /'],
  ['555:666', '555 666  /'],
  ['2147483647', '2147483647 0  /'],
])('%j is %j', (spec, resolved) => {
  expect(resolve(spec)).toBe(resolved);
});

test.each([
  'nobody-here',
  'overflow',
  'negative',
  'short',
  '2147483648',
  '-1',
  '+1',
  '0x10',
  '1e3',
  ' 1',
  '18446744073709551616',
])('the user %j is refused by name', (spec) => {
  expect(resolve(spec)).toBe(`1 resolve-user: user ${spec}: no such user in the image's /etc/passwd`);
});

test.each(['missing', 'big', '4294967296', '-1'])('the group %j is refused by name', (group) => {
  expect(resolve(`app:${group}`)).toBe(`1 resolve-user: group ${group}: no such group in the image's /etc/group`);
});

test('an image without both files knows numbers only', () => {
  const missing = join(folder, 'missing');

  expect(resolve('7:8', missing, missing)).toBe('7 8  /');
  expect(resolve('', missing, missing)).toBe('0 0  /');
  expect(resolve('app', missing, missing)).toContain('no such user');
});

test('a fifo, a device and a folder in place of the file are refused and do not hang', () => {
  execFileSync('mkfifo', [join(folder, 'fifo')]);
  symlinkSync('/dev/zero', join(folder, 'zero'));

  const refused = ['fifo', 'zero', '.'].map((name) => resolve('app', join(folder, name)));

  expect(refused.map((line) => line.replace(/^.* of the/, ''))).toEqual(Array(3).fill(' image is not a regular file'));
});

test('a file larger than 1 MiB is refused, one that is all a single line is read', () => {
  const large = join(folder, 'large');
  writeFileSync(large, 'x'.repeat((1 << 20) + 1));
  expect(resolve('app', large)).toContain('larger than 1 MiB');

  writeFileSync(large, 'x'.repeat(1 << 20));
  expect(resolve('7', large)).toBe('7 0  /');
});

test('a user in more groups than there is room for keeps the first ones', () => {
  const many = Array.from({ length: 3000 }, (_, i) => `g${i}:x:${i + 1}:app`).join('\n');
  writeFileSync(join(folder, 'group'), many);

  expect(resolve('app').split(' ')[2]?.split(',')).toHaveLength(1024);
});
