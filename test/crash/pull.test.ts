/**
 * Two pulls side by side, whose images have layers in common, killed at every instant: nothing half is visible, and
 * the next pull goes on from there. The same with a power cut: what was not synced is gone.
 *
 * `npm test` takes a subset, `npm run test:crash` all of them (BERTH_CRASH=whole).
 */
import { execFileSync, spawn } from 'node:child_process';
import { rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BERTH, type TestWorld, testWorld } from '../e2e/test-world.ts';
import { type FakeRegistry, fakeRegistry, type Made } from '../host/registry/fake-registry.ts';
import { type CrashPoint, pointsIn, pointText, subsetOf } from './crash-world.ts';
import { listed, namedEntries, storeViolations, treeDigest } from './store-check.ts';

const WHOLE = process.env.BERTH_CRASH === 'whole';
/** Of the points, how many are tried in the subset. */
const TRIED = 3;
const DISK_BYTES = 64 << 20;

let world: TestWorld;
let registry: FakeRegistry;
let made: Made[];
let disk: string;
const trees = new Map<string, string>();

beforeAll(async () => {
  world = testWorld('pull-crashes');
  registry = await fakeRegistry(world.netns);
  made = [
    registry.image('app', ['base', 'lib', 'one', 'two'], { padding: 150_000 }),
    registry.image('web', ['base', 'lib', 'three', 'four'], { padding: 150_000 }),
  ];
  disk = join(world.folder, '..', 'disk');
});
afterAll(async () => {
  await registry.close();
  world.close();
});

/* One engine is started first: of two, the one that comes second would go on with the failpoint. */
const pullBoth = () => {
  const [app, web] = ['app', 'web'].map((tag) => `${BERTH} image pull ${registry.host}/x:${tag}`);
  return `${BERTH} image ls || exit; ${app} & one=$!; ${web}; code=$?; wait $one && exit $code`;
};

/** Not waited for by blocking: the registry answers in this process. */
async function pull(env: Readonly<Record<string, string>> = {}): Promise<{ code: number; stderr: string }> {
  const child = spawn('nsenter', [`--net=/run/netns/${world.netns}`, 'sh', '-c', pullBoth()], {
    cwd: world.folder,
    env: { ...world.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  return await new Promise((resolve) => child.once('close', (code) => resolve({ code: code ?? 128, stderr })));
}

function wipe(): void {
  world.berth('engine', 'stop');
  for (const name of listed(world.dataRoot, '.')) rmSync(join(world.dataRoot, name), { recursive: true });
}

/** Every instant of the two pulls, in an order that changes from run to run; and what the layers are, unpacked. */
async function pointsOfPull(): Promise<CrashPoint[]> {
  wipe();
  const trace = join(world.folder, '..', 'trace');
  rmSync(trace, { force: true });
  const { code, stderr } = await pull({ BERTH_FAILPOINT_TRACE: trace });
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  world.berth('engine', 'stop');
  for (const hex of listed(world.dataRoot, 'layers')) trees.set(hex, treeDigest(join(world.dataRoot, 'layers', hex)));
  expect(trees.size).toBe(6);
  expect(storeViolations(world.dataRoot, trees)).toEqual([]);
  return pointsIn(trace).filter(({ role }) => role === 'engine');
}

function chosen(points: readonly CrashPoint[]): readonly CrashPoint[] {
  return WHOLE ? points : subsetOf(points, Math.max(1, Math.floor(points.length / TRIED)));
}

const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size;

/** What the next pull has to ask for of each layer: undefined: nothing; else the bytes that are there. */
function missingOf(): Map<string, number | undefined> {
  const layers = new Map(made.flatMap((image) => image.layers).map((layer) => [layer.digest, layer.size]));
  const images = join(world.dataRoot, 'images');
  return new Map(
    [...layers].map(([digest, size]) => {
      const had = sizeOf(join(images, 'incoming', `${digest.slice(7)}.part`)) ?? 0;
      const isThere = sizeOf(join(images, 'blobs/sha256', digest.slice(7))) !== undefined || had === size;
      return [digest, isThere ? undefined : had];
    }),
  );
}

function rangeViolations(missing: ReadonlyMap<string, number | undefined>, from: number): string[] {
  return [...missing].flatMap(([digest, had]) => {
    const asked = registry.seen.slice(from).filter(({ path }) => path.endsWith(digest));
    const wanted = had === undefined ? [] : [had === 0 ? 'all' : `bytes=${had}-`];
    const got = asked.map(({ range }) => range ?? 'all');
    return got.join() === wanted.join() ? [] : [`of ${digest} ${got.join()} was asked for instead of ${wanted.join()}`];
  });
}

/** After a pull that came to its end: both images, and nothing else. */
function restViolations(): string[] {
  const left = ['images/incoming', 'images/leases'].flatMap((path) =>
    listed(world.dataRoot, path).map((name) => `${path}/${name} is left`),
  );
  const names = namedEntries(world.dataRoot).length;
  const layers = listed(world.dataRoot, 'layers').filter((name) => !trees.has(name));
  return [
    ...storeViolations(world.dataRoot, trees),
    ...left,
    ...layers.map((name) => `layers/${name} is left`),
    ...(names === made.length ? [] : [`${names} names instead of ${made.length}`]),
  ];
}

async function killAndPull(point: CrashPoint): Promise<string[]> {
  wipe();
  await pull({ BERTH_FAILPOINT: pointText(point) });
  world.berth('engine', 'stop');
  const half = storeViolations(world.dataRoot, trees);
  const missing = missingOf();
  const from = registry.seen.length;

  const again = await pull();

  world.berth('engine', 'stop');
  if (again.code !== 0) return [...half, `repeated, it ends with ${again.code}: ${again.stderr}`];
  return [...half, ...rangeViolations(missing, from), ...restViolations()];
}

test('pulls that are killed anywhere leave nothing half, and the next ones ask for the rest only', {
  timeout: 3_600_000,
}, async () => {
  const points = await pointsOfPull();
  const tried = chosen(points);
  const broken: string[] = [];

  for (const point of tried) broken.push(...(await killAndPull(point)).map((text) => `${pointText(point)}: ${text}`));

  process.stdout.write(`crash points of pull: ${points.length}, tried ${tried.length}, broken ${broken.length}\n`);
  expect(broken).toEqual([]);
  expect(points.length).toBeGreaterThan(25);
});

let isMounted = false;

/** A new ext4 in a file, whose journal is written by nothing but fsync for as long as a test takes. */
function mountDisk(path: string): void {
  execFileSync('mount', ['-o', 'loop,commit=300', path, world.dataRoot]);
  isMounted = true;
}

function unmountDisk(): void {
  if (isMounted) execFileSync('umount', ['-l', world.dataRoot]);
  isMounted = false;
}

function newDisk(): string {
  rmSync(disk, { force: true });
  writeFileSync(disk, '');
  truncateSync(disk, DISK_BYTES);
  execFileSync('mkfs.ext4', ['-q', '-E', 'lazy_itable_init=0', disk]);
  return disk;
}

/** What is on the disk at this instant is all there is after it; /run is empty, and the kernel another one. */
async function cutAndPull(point: CrashPoint): Promise<string[]> {
  unmountDisk();
  mountDisk(newDisk());
  await pull({ BERTH_FAILPOINT: pointText(point) });
  /* A new file: the one of before may still be written by its kernel side. */
  rmSync(`${disk}.cut`, { force: true });
  execFileSync('cp', ['--sparse=always', disk, `${disk}.cut`]);
  world.berth('engine', 'stop');
  unmountDisk();
  mountDisk(`${disk}.cut`);
  rmSync(world.runRoot, { recursive: true, force: true });
  if (sizeOf(join(world.dataRoot, 'boot')) !== undefined) writeFileSync(join(world.dataRoot, 'boot'), 'another\n');
  const half = storeViolations(world.dataRoot, trees);

  const again = await pull();

  world.berth('engine', 'stop');
  if (again.code !== 0) return [...half, `repeated, it ends with ${again.code}: ${again.stderr}`];
  return [...half, ...restViolations()];
}

test('after a power cut in the middle of pulls what has a name is whole, and the next ones bring the rest', {
  timeout: 3_600_000,
}, async () => {
  const points = await pointsOfPull();
  const tried = chosen(points);
  const broken: string[] = [];
  wipe();

  try {
    for (const point of tried) broken.push(...(await cutAndPull(point)).map((text) => `${pointText(point)}: ${text}`));
  } finally {
    world.berth('engine', 'stop');
    unmountDisk();
  }

  process.stdout.write(`power cuts of pull: ${points.length}, tried ${tried.length}, broken ${broken.length}\n`);
  expect(broken).toEqual([]);
});
