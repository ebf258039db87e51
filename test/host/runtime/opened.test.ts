/** What the kernel notes of a container that opens and writes files of a mount, and who may not be seen in it. */
import { mkdirSync, readdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defaultMounts } from '../../../src/runtime/defaults.ts';
import type { OpenedNote } from '../../../src/runtime/opened.ts';
import { eventually } from './eventually.ts';
import { type RuntimeWorld, runtimeWorld, type SpecChanges } from './runtime-world.ts';

let world: RuntimeWorld;

beforeAll(async () => {
  world = await runtimeWorld('opened');
});
afterAll(() => world.close());

function noting(name: string, ...files: readonly string[]): { source: string; changes: SpecChanges } {
  const source = join(world.base, 'host', name);
  mkdirSync(source, { recursive: true });
  for (const file of files) writeFileSync(join(source, file), file);
  const mount = { type: 'bind', source, destination: '/app', options: ['rbind'] };
  return {
    source,
    changes: { config: { mounts: [...defaultMounts(), mount] }, spec: { noteOpens: { targets: ['/app'] } } },
  };
}

function reader(stateDir: string): { notes: OpenedNote[]; stop: () => void; over: Promise<string | undefined> } {
  const notes: OpenedNote[] = [];
  const controller = new AbortController();
  const over = world.runtime.readOpened({
    stateDir,
    targets: ['/app'],
    onNotes: (some) => notes.push(...some),
    signal: controller.signal,
  });
  return { notes, stop: () => controller.abort(), over };
}

const has = (notes: readonly OpenedNote[], kind: string, path: string) =>
  notes.some((note) => note.kind === kind && note.kind !== 'lost' && note.path === path);

test('what was opened before anybody read is told, and what the machine opens is not', async () => {
  const { source, changes } = noting('early', 'first', 'second', 'of-the-host', 'last', 'ü mlaut');
  const script =
    'cat /app/first "/app/ü mlaut" > /dev/null; echo done; while test ! -e /app/go; do usleep 20000; done; cat /app/second; sleep 100';
  const { container, spec } = await world.start(['sh', '-c', script], changes);
  await eventually(() => world.logOf(spec.id).some(({ text }) => text === 'done'));
  readFileSync(join(source, 'of-the-host'));

  const one = reader(spec.stateDir);
  await eventually(() => has(one.notes, 'opened', 'first') && has(one.notes, 'opened', 'ü mlaut'));
  one.stop();
  await one.over;
  const two = reader(spec.stateDir);
  writeFileSync(join(source, 'go'), '');
  await eventually(() => has(two.notes, 'opened', 'second'));

  expect([...one.notes, ...two.notes].filter((note) => note.kind !== 'opened')).toEqual([]);
  const all = [...one.notes, ...two.notes].map((note) => (note.kind === 'lost' ? '!' : note.path));
  expect(all.sort()).toEqual(['first', 'second', 'ü mlaut']);
  await world.end(container);
  expect(await two.over).toBeUndefined();
});

test('what it writes itself is told apart, with the file it becomes', async () => {
  const { source, changes } = noting('written', 'state', 'log');
  const script =
    'exec 3>>/app/log; echo line >&3; cat /app/state; echo; echo new > /app/state.tmp; mv /app/state.tmp /app/state; echo done; sleep 100';
  const { container, spec } = await world.start(['sh', '-c', script], changes);
  const { notes, over } = reader(spec.stateDir);

  await eventually(() => has(notes, 'written', 'log') && notes.some(({ kind }) => kind === 'closed'));
  await eventually(() => world.logOf(spec.id).some(({ text }) => text === 'done'));

  const { ino, mtimeNs } = statSync(join(source, 'state'), { bigint: true });
  expect(notes.filter(({ kind }) => kind === 'closed')).toContainEqual({
    kind: 'closed',
    target: '/app',
    path: expect.stringMatching(/^state/),
    file: `${ino} ${mtimeNs}`,
  });
  expect(has(notes, 'opened', 'state')).toBe(true);
  await world.end(container);
  expect(await over).toBeUndefined();
});

test('the container holds nothing of it, and a link as the target leads to the same', async () => {
  const { source, changes } = noting('link', 'f');
  symlinkSync('app', join(world.rootfs, 'way'));
  const { container, spec } = await world.start(['sh', '-c', 'cat /app/f; sleep 100'], changes);

  const fds = readdirSync(`/proc/${container.pid}/fd`).map((fd) => readlinkSync(`/proc/${container.pid}/fd/${fd}`));
  const notes: OpenedNote[] = [];
  const controller = new AbortController();
  const over = world.runtime.readOpened({
    stateDir: spec.stateDir,
    targets: ['/way'],
    onNotes: (some) => notes.push(...some),
    signal: controller.signal,
  });
  await eventually(() => has(notes, 'opened', 'f'));

  expect(fds.join()).not.toContain('fanotify');
  expect(readdirSync(source)).toEqual(['f']);
  controller.abort();
  await over;
  await world.end(container);
});

test('a container that was started without notes says so', async () => {
  const { container, spec } = await world.start(['sleep', '100']);

  expect(await reader(spec.stateDir).over).toBe('the container was started without notes');
  await world.end(container);
});
