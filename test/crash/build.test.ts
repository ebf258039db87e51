/**
 * Every instant of a build at which engine, command or monitors can be killed: the same build afterwards gives the same
 * image with the same files, and nothing half is left.
 *
 * `npm test` takes a subset, `npm run test:crash` all of them (BERTH_CRASH=whole).
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestWorld, testWorld } from '../e2e/test-world.ts';
import { type CrashPoint, type Operation, pointsOf, pointText, runWith, subsetOf } from './crash-world.ts';

const WHOLE = process.env.BERTH_CRASH === 'whole';
const TRIED = 9;

const DOCKERFILE = `FROM host AS made
RUN --network=none mkdir /out && echo 1 > /out/1
RUN --network=none --mount=type=cache,target=/kept echo kept > /kept/k && echo 2 > /out/2
FROM host
WORKDIR /work
COPY f .
COPY --from=made /out /out
RUN cat /out/1 /out/2 /work/f > /all && rm /out/1
`;

let world: TestWorld;
let tar: string;
beforeAll(() => {
  world = testWorld('crashbuild');
  tar = join(world.folder, 'out.tar');
  mkdirSync(join(world.folder, 'app'));
  writeFileSync(join(world.folder, 'app/f'), 'f');
  writeFileSync(join(world.folder, 'app/Dockerfile'), DOCKERFILE);
});
afterAll(() => {
  BUILD.prepare(world);
  world.close();
});

const BUILD: Operation = {
  name: 'build',
  prepare: () => {
    world.berth('image', 'rm', 'crashed');
    world.berth('builder', 'prune', '--all');
  },
  args: ['image', 'build', '-t', 'crashed', '-o', 'type=tar,dest=out.tar', 'app'],
};

test('a build, killed anywhere and repeated, gives what a clean one gives', { timeout: 3_600_000 }, () => {
  const points = pointsOf(world, BUILD);
  const clean = result();
  const tried = WHOLE ? points : subsetOf(points, Math.max(1, Math.floor(points.length / TRIED)));

  const broken = tried.flatMap((point) => tryPoint(point, clean).map((text) => `${pointText(point)}: ${text}`));

  process.stdout.write(`crash points of build: ${points.length}, tried ${tried.length}, broken ${broken.length}\n`);
  expect(broken).toEqual([]);
  expect(tried.length).toBeGreaterThan(3);
});

function tryPoint(point: CrashPoint, clean: string): string[] {
  BUILD.prepare(world);
  const killed = runWith(world, BUILD.args, { BERTH_FAILPOINT: pointText(point) });
  /* Its launcher still has the failpoint, for every monitor to come. */
  if (point.role === 'monitor') world.berth('engine', 'stop');
  const again = world.berth(...BUILD.args);
  if (again.code !== 0) return [`repeated, it ends with ${again.code}: ${again.stderr} (killed: ${killed.stderr})`];
  const found = result();
  const left = ['build/work', 'images/incoming'].flatMap((name) => readdirSync(join(world.dataRoot, name)));
  const running = readdirSync(join(world.runRoot, 'b'));
  return [
    ...(found === clean ? [] : [`it gives ${found}, a clean build ${clean}`]),
    ...[...left, ...running].map((name) => `left behind: ${name}`),
  ];
}

/** The image's digest, and that of all its files as they are mounted. */
function result(): string {
  const { digest } = JSON.parse(world.berth('image', 'inspect', '--json', 'crashed').stdout) as { digest: string };
  return `${digest} ${createHash('sha256').update(readFileSync(tar)).digest('hex')}`;
}
