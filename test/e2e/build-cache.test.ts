/** Caches of builds that leave the machine: a folder, a registry, the image itself; a store without anything builds with hits. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually, testWorld } from './test-world.ts';

const REGISTRY = '127.0.0.1:5009';
const world = testWorld('buildcache');
const context = join(world.folder, 'app');
let registry: ChildProcess;

beforeAll(async () => {
  mkdirSync(context);
  writeFileSync(join(context, 'f'), 'f');
  writeFileSync(
    join(context, 'Dockerfile'),
    [
      'FROM host AS tools',
      'RUN mkdir /t && echo made > /t/made',
      'RUN --mount=type=bind,source=f,target=/f cat /f > /t/f',
      'FROM host',
      'WORKDIR /work',
      'COPY --from=tools /t /t',
      'COPY f /f',
      'RUN cat /t/made /t/f /f > /all',
      'RUN true',
    ].join('\n'),
  );
  const config = world.write(
    'registry.yml',
    `version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: ${join(world.folder, 'blobs')}}}
http: {addr: '${REGISTRY}'}
`,
  );
  registry = spawn('nsenter', [`--net=/run/netns/${world.netns}`, 'docker-registry', 'serve', config], {
    stdio: 'ignore',
  });
  await eventually(() => world.get(`http://${REGISTRY}/v2/`).status === 200);
});
beforeEach(forgetAll);
afterAll(async () => {
  forgetAll();
  registry.kill('SIGTERM');
  await eventually(() => registry.exitCode !== null || registry.signalCode !== null);
  const leaks = world.leaks();
  world.close();
  expect(leaks).toEqual([]);
});

test.each([
  ['a folder', `type=local,dest=${join(world.folder, 'c1')},mode=max`, `type=local,src=${join(world.folder, 'c1')}`],
  ['a registry', `type=registry,ref=${REGISTRY}/team/app:cache,mode=max`, `${REGISTRY}/team/app:cache`],
])('%s keeps every step for a store without anything', (_what, to, from) => {
  const first = build('--cache-to', to);
  forgetAll();

  const second = build('--cache-from', from);

  expect(first.error + second.error).toBe('');
  expect(first.ran).toBe(7);
  expect(second).toEqual({ ...first, ran: 0 });
});

test('with mode=min the steps of the result are there, those of other stages run again', () => {
  const folder = join(world.folder, 'c2');
  const first = build('--cache-to', `type=local,dest=${folder}`);
  forgetAll();

  const second = build('--cache-from', `type=local,src=${folder}`);

  expect(second).toEqual({ ...first, ran: 2 });
});

test('an image carries the cache of its own steps', () => {
  const name = `${REGISTRY}/team/inline:1`;
  const first = build('--cache-to', 'type=inline', '--push', '-t', name);
  forgetAll();

  const second = build('--cache-from', `type=registry,ref=${name}`, '--cache-to', 'type=inline', '-t', name);

  expect(second).toEqual({ ...first, ran: 2 });
});

test('a stack takes its caches from its file, and says where a word is wrong', () => {
  world.write(
    'stack/compose.yaml',
    `services:
  app:
    image: ${REGISTRY}/team/stack:1
    build: {context: ../app, cache_from: ['type=local,src=cache'], cache_to: ['type=local,dest=cache,mode=max']}
`,
  );
  world.write('bad/compose.yaml', "services:\n  app:\n    build:\n      context: .\n      cache_to: ['type=gha']\n");
  const stack = (folder: string, ...args: string[]) =>
    world.berth('-f', join(world.folder, folder, 'compose.yaml'), 'build', ...args);

  const first = stack('stack', '--progress', 'plain');
  forgetAll();
  const second = stack('stack', '--json', '--push');
  const bad = stack('bad');

  expect(first.stderr).toContain('there is none yet');
  expect(first.code).toBe(0);
  expect(JSON.parse(second.stdout)).toMatchObject([{ service: 'app', steps: 8, cachedSteps: 7 }]);
  expect(world.get(`http://${REGISTRY}/v2/team/stack/tags/list`).body).toContain('"1"');
  expect(bad.code).toBe(3);
  expect(bad.stderr).toContain('cache type=gha is not supported');
  expect(bad.stderr).toMatch(/compose.yaml:5:/);
});

test('what is damaged or not there is no hit, and harms nothing', () => {
  const folder = join(world.folder, 'c3');
  const first = build('--cache-to', `type=local,dest=${folder},mode=max`);
  /* Layers are tars, the rest is JSON. */
  const blobs = readdirSync(join(folder, 'blobs/sha256')).map((name) => join(folder, 'blobs/sha256', name));
  for (const path of blobs.filter((one) => readFileSync(one)[0] !== 0x7b)) writeFileSync(path, 'damaged');
  forgetAll();

  const damaged = build('--cache-from', `type=local,src=${folder}`, '--progress', 'plain');
  const silent = build('--cache-from', '127.0.0.1:1/none');
  const refused = world.berth('image', 'build', '--cache-to', `type=local,dest=${context}`, context);
  const tolerated = build('--cache-to', `type=local,dest=${context},ignore-error=true`);

  /* A step that changed nothing has no layer to be damaged. */
  expect(damaged).toEqual({ ...first, ran: first.ran - 1 });
  expect(silent.error).toBe('');
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('it has other files in it');
  expect(tolerated.error).toBe('');
  expect(readdirSync(context).sort()).toEqual(['Dockerfile', 'f']);
});

type Built = { readonly id: string; readonly digest: string; readonly ran: number; readonly error: string };

type Result = { readonly id: string; readonly digest: string; readonly steps: number; readonly cachedSteps: number };

function build(...flags: string[]): Built {
  const named = flags.includes('-t') ? [] : ['-t', 'built'];
  const run = world.berth('image', 'build', '--json', ...named, ...flags, context);
  if (run.code !== 0) return { id: '', digest: '', ran: -1, error: run.stdout + run.stderr };
  const { id, digest, steps, cachedSteps } = JSON.parse(run.stdout) as Result;
  /* The base image is a step that is never cached. */
  return { id, digest, ran: steps - cachedSteps - 1, error: '' };
}

/** Names, cache, layers: as in a store that is new. */
function forgetAll(): void {
  for (const { names } of JSON.parse(world.berth('image', 'ls', '--json').stdout) as { names: string[] }[]) {
    if (names[0] !== 'host') world.berth('image', 'rm', ...names);
  }
  world.berth('builder', 'prune', '--all');
  const layers = join(world.dataRoot, 'layers');
  const left = existsSync(layers) ? readdirSync(layers).filter((name) => /^[0-9a-f]{64}$/.test(name)) : [];
  expect(left).toEqual([]);
}
