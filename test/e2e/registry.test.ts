/** Registry, archives and stacks together: Debian's docker-registry with TLS and basic auth, skopeo beside us. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DiskDetails } from '../../src/engine/image-calls.ts';
import { rootfs } from '../host/image/image-world.ts';
import { BERTH, eventually, testWorld } from './test-world.ts';

const PASSWORD = 's3cret-canary';
const HTPASSWD = '$2b$05$abcdefghijklmnopqrstuullx5kP6GYZcFnepqhmI2H03s5Hsbhlm';

const world = testWorld('registry');
let registry: ChildProcess;
const docker = join(world.folder, 'docker');

beforeAll(async () => {
  world.env.DOCKER_CONFIG = docker;
  world.env.BERTH_REGISTRIES = world.write(
    'registries.json',
    JSON.stringify({ certs: [join(world.folder, 'certs.d')] }),
  );
  makeCertificate();
  registry = startRegistry();
  await eventually(() => world.inside('bash', '-c', 'exec 3<>/dev/tcp/127.0.0.1/5443').code === 0);
  writeFileSync(join(world.folder, 'rootfs.tar'), rootfs('one'));
  expect(world.berth('image', 'import', 'rootfs.tar', `127.0.0.1:5443/team/app:1`).code).toBe(0);
});

afterAll(async () => {
  registry.kill('SIGTERM');
  await eventually(() => registry.exitCode !== null || registry.signalCode !== null);
  const leaks = world.leaks();
  world.close();
  expect(leaks).toEqual([]);
});

const HOST = '127.0.0.1:5443';

function makeCertificate(): void {
  const folder = join(world.folder, 'certs.d', HOST);
  mkdirSync(folder, { recursive: true });
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=registry',
      '-addext',
      'subjectAltName=IP:127.0.0.1',
      '-keyout',
      join(world.folder, 'key.pem'),
      '-out',
      join(folder, 'ca.crt'),
    ],
    { stdio: 'ignore' },
  );
}

function startRegistry() {
  const config = world.write(
    'registry.yml',
    `version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: ${join(world.folder, 'blobs')}}, delete: {enabled: true}}
http:
  addr: 127.0.0.1:5443
  tls: {certificate: ${join(world.folder, 'certs.d', HOST, 'ca.crt')}, key: ${join(world.folder, 'key.pem')}}
auth: {htpasswd: {realm: test, path: ${world.write('htpasswd', `me:${HTPASSWD}\n`)}}}
`,
  );
  return spawn('nsenter', [`--net=/run/netns/${world.netns}`, 'docker-registry', 'serve', config], { stdio: 'ignore' });
}

const ok = (...args: string[]) => {
  const { code, stdout, stderr } = world.berth(...args);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
};
const digestIn = (text: string) => /sha256:[0-9a-f]{64}/.exec(text)?.[0];

test('without a login a push is refused, and the hint says what to do', () => {
  const { code, stderr } = world.berth('image', 'push', `${HOST}/team/app:1`);

  expect(code).toBe(1);
  expect(stderr).toContain('is not open to you');
  expect(stderr).toContain(`berth login ${HOST}`);
});

test('a wrong password is not kept; a right one is, and never in a command line', () => {
  const wrong = world.inside('sh', '-c', `printf wrong | ${BERTH} login -u me --password-stdin ${HOST}`);
  expect(wrong.code).toBe(1);
  expect(existsSync(join(docker, 'config.json'))).toBe(false);

  const right = world.inside('sh', '-c', `printf %s ${PASSWORD} | ${BERTH} login -u me --password-stdin ${HOST}`);

  expect(right).toMatchObject({ code: 0 });
  expect(readFileSync(join(docker, 'config.json'), 'utf8')).toContain(Buffer.from(`me:${PASSWORD}`).toString('base64'));
  expect(world.berth('login', '-u', 'me', '-p', PASSWORD, HOST).code).toBe(2);
});

test('what is pushed comes back with the same digest, and skopeo reads it on both sides', () => {
  const pushed = digestIn(ok('image', 'push', `${HOST}/team/app:1`));
  ok('image', 'tag', `${HOST}/team/app:1`, `${HOST}/other/app:2`);
  ok('image', 'push', `${HOST}/other/app:2`);
  ok('rmi', `${HOST}/team/app:1`, `${HOST}/other/app:2`);

  const pulled = ok('image', 'pull', `${HOST}/team/app:1`);

  expect(digestIn(pulled)).toBe(pushed);
  expect(ok('tags', `${HOST}/team/app`)).toBe('1\n');
  expect(ok('search', `${HOST}/team`)).toContain(`${HOST}/team/app`);
  const raw = world.inside(
    'skopeo',
    'inspect',
    '--raw',
    '--tls-verify=false',
    '--creds',
    `me:${PASSWORD}`,
    `docker://${HOST}/team/app:1`,
  );
  expect(JSON.parse(raw.stdout)).toMatchObject({ layers: [{ mediaType: expect.stringContaining('gzip') }] });
  const own = world.inside('skopeo', 'inspect', '--raw', `oci:${join(world.dataRoot, 'images')}:${HOST}/team/app:1`);
  expect(own.stdout).toBe(raw.stdout);
});

test('what skopeo pushed in another form is pulled, and gives the same image', () => {
  const copy = world.inside(
    'skopeo',
    'copy',
    '-q',
    '--format',
    'v2s2',
    '--dest-tls-verify=false',
    '--dest-creds',
    `me:${PASSWORD}`,
    `oci:${join(world.dataRoot, 'images')}:${HOST}/team/app:1`,
    `docker://${HOST}/team/docker:1`,
  );
  expect(copy).toMatchObject({ code: 0 });

  ok('image', 'pull', `${HOST}/team/docker:1`);

  const layersOf = (name: string) =>
    (JSON.parse(ok('image', 'inspect', '--json', name)) as { layers: { diffId: string }[] }).layers.map(
      ({ diffId }) => diffId,
    );
  expect(layersOf(`${HOST}/team/docker:1`)).toEqual(layersOf(`${HOST}/team/app:1`));
});

test.each(['docker-archive', 'oci-archive'])(
  'what we save skopeo reads as %s, and what skopeo writes we load',
  (form) => {
    const name = `${HOST}/team/app:1`;
    ok('save', '-o', 'ours.tar', name);
    const id = (JSON.parse(ok('image', 'inspect', '--json', name)) as { id: string }).id;

    const source = form === 'docker-archive' ? `docker-archive:ours.tar:${name}` : 'oci-archive:ours.tar';
    const config = world.inside('skopeo', 'inspect', '--config', '--raw', source);
    expect(config.stderr).toBe('');
    expect(`sha256:${execFileSync('sha256sum', { input: config.stdout }).toString().slice(0, 64)}`).toBe(id);
    const target =
      form === 'docker-archive'
        ? `docker-archive:theirs-${form}.tar:example.test/${form}:1`
        : `oci-archive:theirs-${form}.tar:example.test/${form}:1`;
    expect(world.inside('skopeo', 'copy', '-q', source, target)).toMatchObject({ code: 0 });

    expect(ok('load', '-i', `theirs-${form}.tar`)).toContain(`example.test/${form}:1 loaded  ${id}`);
  },
);

test('a saved archive goes through a pipe, compressed, and comes back', () => {
  const name = `${HOST}/team/app:1`;
  const before = ok('image', 'inspect', '--json', name);
  const piped = world.inside(
    'sh',
    '-c',
    `set -e; ${BERTH} save --gzip ${name} > app.tgz; ${BERTH} rmi ${name} >&2; ${BERTH} load < app.tgz`,
  );

  expect(piped).toMatchObject({ code: 0 });
  const { id, layers } = JSON.parse(before) as { id: string; layers: unknown };
  expect(JSON.parse(ok('image', 'inspect', '--json', name))).toMatchObject({ id, layers });
});

test('an archive does not take the name of another image, unless it is told to', () => {
  const name = `${HOST}/team/app:1`;
  ok('save', '-o', 'app.tar', name);
  writeFileSync(join(world.folder, 'other.tar'), rootfs('other'));
  ok('image', 'import', 'other.tar', name);

  const refused = world.berth('load', '-i', 'app.tar');

  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('is another image here already') });
  ok('load', '--replace', '-i', 'app.tar');
});

test('up pulls what is missing, and a policy of never keeps it from doing so', () => {
  /* No other name of the image: the last one is the one that is in use. */
  ok('image', 'prune', '-a', '-f');
  const file = (policy: string) =>
    `services:\n  web:\n    image: ${HOST}/team/app:1\n    pull_policy: ${policy}\n    command: [/bin/sh]\n`;
  world.write('stack.yaml', file('never'));
  expect(world.berth('up', '--no-start')).toMatchObject({ code: 1, stderr: expect.stringContaining('stack.yaml:3:') });

  world.write('stack.yaml', file('missing'));
  const up = world.berth('up', '--no-start');

  expect(up).toMatchObject({ code: 0, stderr: expect.stringContaining(`pulling ${HOST}/team/app:1`) });
  expect(world.berth('rmi', `${HOST}/team/app:1`)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is used by a container'),
  });
  expect(world.berth('image', 'prune', '-a', '-f').stdout).not.toContain('team/app:1');
  const details = JSON.parse(ok('system', 'df', '-v', '--json')) as DiskDetails;
  expect(details.images.find(({ names }) => names.includes(`${HOST}/team/app:1`))).toMatchObject({ containers: 1 });
  expect(details.containers).toMatchObject([{ image: `${HOST}/team/app:1`, isRunning: false }]);
  expect(ok('system', 'df', '-v')).toMatch(
    /^IMAGE +ID[\s\S]*team\/app:1[\s\S]*CONTAINER +IMAGE[\s\S]*stopped[\s\S]*VOLUME/,
  );
  ok('pull');
  ok('down');
});

test('df counts, and prune removes what no container uses', () => {
  const before = JSON.parse(ok('system', 'df', '--json')) as { images: { total: number; bytes: number } };
  expect(before.images.total).toBeGreaterThan(0);

  ok('system', 'prune', '-a', '-f');

  const after = JSON.parse(ok('system', 'df', '--json')) as { images: { total: number; bytes: number } };
  expect(after.images).toMatchObject({ total: 0 });
  expect(after.images.bytes).toBeLessThan(before.images.bytes);
});

test('a stack file that is an artifact is fetched with the login, once for each digest', () => {
  const curl = (...args: string[]) => world.inside('curl', '-sSf', '-k', '-u', `me:${PASSWORD}`, ...args).stdout;
  const base = `https://${HOST}/v2/team/stack`;
  const push = (text: string) => {
    const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`;
    const head = curl('-D', '-', '-o', '/dev/null', '-X', 'POST', `${base}/blobs/uploads/`);
    const location = /^location: (\S+)/im.exec(head)?.[1] ?? '';
    curl(
      '-X',
      'PUT',
      '--data-binary',
      text,
      '-H',
      'Content-Type: application/octet-stream',
      `${location}&digest=${digest}`,
    );
    return { digest, size: text.length };
  };
  const config = { mediaType: 'application/vnd.oci.empty.v1+json', ...push('{}') };
  const layer = {
    mediaType: 'application/vnd.docker.compose.file+yaml',
    ...push('services: {web: {image: host}}'),
    annotations: { 'com.docker.compose.file': 'compose.yaml' },
  };
  const type = 'application/vnd.oci.image.manifest.v1+json';
  const artifactType = 'application/vnd.docker.compose.project';
  const manifest = JSON.stringify({ schemaVersion: 2, mediaType: type, artifactType, config, layers: [layer] });
  curl('-X', 'PUT', '--data-binary', manifest, '-H', `Content-Type: ${type}`, `${base}/manifests/1`);

  const refused = world.berth('-f', `oci://${HOST}/team/stack:1`, 'config');
  const read = ok('-f', `oci://${HOST}/team/stack:1`, 'config', '--yes');

  expect(refused.stderr).toContain('has not been fetched before, and nobody can be asked');
  expect(read).toContain('name: stack\n');
  expect(ok('-f', `oci://${HOST}/team/stack:1`, 'config')).toBe(read);
  rmSync(join(world.dataRoot, 'sources'), { recursive: true });
});

test('the password is in no log and in no state file, and logout forgets it', () => {
  const found = world.inside(
    'grep',
    '-rl',
    '-e',
    PASSWORD,
    '-e',
    Buffer.from(`me:${PASSWORD}`).toString('base64'),
    world.dataRoot,
    world.runRoot,
  );
  expect(found.stdout).toBe('');

  ok('logout', HOST);

  expect(readFileSync(join(docker, 'config.json'), 'utf8')).not.toContain(HOST);
});
