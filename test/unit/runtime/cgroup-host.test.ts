/** What a machine has, read from mountinfo and from trees of files that look like its cgroups. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openCgroups, parseMounts } from '../../../src/runtime/cgroup-host.ts';

let tree: string;

beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), 'berth-cgroups-'));
});
afterEach(() => rmSync(tree, { recursive: true }));

const v1Mount = (point: string, options: string) =>
  `30 20 0:27 / ${point} rw,relatime shared:9 - cgroup cgroup rw,${options}`;
const v2Mount = (point: string) => `31 20 0:28 / ${point} rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate`;

function file(path: string, text: string): void {
  mkdirSync(join(tree, path, '..'), { recursive: true });
  writeFileSync(join(tree, path), text);
}

test('version 2 alone', () => {
  expect(parseMounts(`22 1 8:1 / / rw - ext4 /dev/sda rw\n${v2Mount('/sys/fs/cgroup')}\n`)).toEqual({
    v1: new Map(),
    v2Root: '/sys/fs/cgroup',
  });
});

test('hybrid, with controllers mounted together and those that are none of ours', () => {
  const text = [
    v2Mount('/sys/fs/cgroup/unified'),
    v1Mount('/sys/fs/cgroup/cpu,cpuacct', 'cpu,cpuacct'),
    v1Mount('/sys/fs/cgroup/memory', 'memory'),
    v1Mount('/sys/fs/cgroup/systemd', 'xattr,name=systemd'),
    v1Mount('/sys/fs/cgroup/net_cls', 'net_cls'),
  ].join('\n');

  expect(parseMounts(text)).toEqual({
    v1: new Map([
      ['cpu', '/sys/fs/cgroup/cpu,cpuacct'],
      ['memory', '/sys/fs/cgroup/memory'],
    ]),
    v2Root: '/sys/fs/cgroup/unified',
  });
});

test('the first mount of a hierarchy counts, as does a path with blanks', () => {
  const text = [v1Mount('/a\\040b', 'pids'), v1Mount('/second', 'pids'), v2Mount('/x'), v2Mount('/y')].join('\n');

  expect(parseMounts(text)).toEqual({ v1: new Map([['pids', '/a b']]), v2Root: '/x' });
});

test('a mount without optional fields is read too', () => {
  expect(parseMounts('30 20 0:27 / /cg rw - cgroup cgroup rw,freezer').v1).toEqual(new Map([['freezer', '/cg']]));
});

test('a machine without cgroups has none', () => {
  expect(parseMounts('')).toEqual({ v1: new Map(), v2Root: null });
});

test('our parent group is made in every hierarchy', async () => {
  const text = [
    v1Mount(join(tree, 'memory'), 'memory'),
    v1Mount(join(tree, 'pids'), 'pids'),
    v2Mount(join(tree, 'unified')),
  ];

  const host = await openCgroups(text.join('\n'), 'berth-1');

  expect(['memory', 'pids', 'unified'].map((name) => existsSync(join(tree, name, 'berth-1')))).toEqual([
    true,
    true,
    true,
  ]);
  expect(host.v2).toEqual({ root: join(tree, 'unified'), controllers: new Set() });
});

test('on a hybrid machine nothing is handed down in the version 2 tree', async () => {
  file('unified/cgroup.controllers', '\n');
  file('unified/cgroup.subtree_control', '');

  await openCgroups(v2Mount(join(tree, 'unified')), 'berth-1');

  expect(readFileSync(join(tree, 'unified/cgroup.subtree_control'), 'utf8')).toBe('');
});

test('our children have the version 2 controllers that our group hands down', async () => {
  file('cgroup.controllers', 'cpuset cpu io memory hugetlb pids\n');
  file('cgroup.subtree_control', 'cpu cpuset memory pids\n');
  file('berth-1/cgroup.subtree_control', 'memory pids\n');

  const host = await openCgroups(v2Mount(tree), 'berth-1');

  // A fake file keeps the last word written to it, the kernel would add it.
  expect(readFileSync(join(tree, 'cgroup.subtree_control'), 'utf8')).toBe('+io');
  expect(host).toMatchObject({ v1: new Map(), cpuset: null });
  expect(readFileSync(join(tree, 'berth-1/cgroup.subtree_control'), 'utf8')).toBe('+io');
});

test('what a kernel has for weights of disks and for realtime is found in our group', async () => {
  file('blkio/berth-1/blkio.bfq.weight', '100\n');
  file('cpu/cpu.rt_runtime_us', '950000\n');
  file('unified/berth-1/io.weight', 'default 100\n');
  const text = [
    v1Mount(join(tree, 'blkio'), 'blkio'),
    v1Mount(join(tree, 'cpu'), 'cpu'),
    v2Mount(join(tree, 'unified')),
  ].join('\n');

  const host = await openCgroups(text, 'berth-1');

  expect(host).toMatchObject({ weights: { v1: 'blkio.bfq.weight', v2: 'io.weight' }, realtimeUs: 950_000 });
});

test('an empty cpuset of ours is filled from its parent, level by level', async () => {
  file('cpuset/cpuset.cpus', '0-7\n');
  file('cpuset/cpuset.mems', '0\n');

  const host = await openCgroups(v1Mount(join(tree, 'cpuset'), 'cpuset'), 'outer/berth-1');

  expect(host.cpuset).toEqual({ cpus: '0-7', mems: '0' });
  expect(readFileSync(join(tree, 'cpuset/outer/berth-1/cpuset.cpus'), 'utf8')).toBe('0-7');
});

test('a cpuset that was given to our group is kept', async () => {
  file('cpuset/cpuset.cpus', '0-7\n');
  file('cpuset/cpuset.mems', '0-1\n');
  file('cpuset/berth-1/cpuset.cpus', '2-3\n');
  file('cpuset/berth-1/cpuset.mems', '1\n');

  const host = await openCgroups(v1Mount(join(tree, 'cpuset'), 'cpuset'), 'berth-1');

  expect(host.cpuset).toEqual({ cpus: '2-3', mems: '1' });
});
