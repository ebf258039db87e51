/** What an image says of itself is what its containers do, unless the stack file says otherwise; one `up` for all of it. */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;
let place: string;

/* It says what it got, and ends with 7 by the signal that the image names. */
const ENTRY = `#!/bin/sh
echo "args=$* user=$(id -u):$(id -g) pwd=$(pwd) word=$WORD other=$OTHER"
trap 'echo usr1; exit 7' USR1
trap 'echo term; exit 9' TERM
while :; do sleep 1 & wait $!; done
`;

const CHANGES = [
  'ENTRYPOINT ["/bin/entry"]',
  'CMD ["from", "image"]',
  'ENV WORD=image OTHER=kept',
  'USER 1000:2000',
  'WORKDIR /srv/app',
  'VOLUME /data',
  'EXPOSE 8080 9090/udp',
  'STOPSIGNAL SIGUSR1',
  'LABEL from=image both=image',
  'HEALTHCHECK --interval=1s --retries=2 CMD test -e /bin/entry',
];

beforeAll(() => {
  world = testWorld('image-defaults');
  place = mkdtempSync(join(tmpdir(), 'berth-root-'));
  for (const name of ['bin', 'data', 'tmp', 'etc']) mkdirSync(join(place, name));
  copyFileSync('/bin/busybox', join(place, 'bin/busybox'));
  for (const applet of ['sh', 'sleep', 'id', 'test', 'echo', 'cat']) symlinkSync('busybox', join(place, 'bin', applet));
  writeFileSync(join(place, 'bin/entry'), ENTRY);
  chmodSync(join(place, 'bin/entry'), 0o755);
  writeFileSync(join(place, 'data/seed'), 'of the image\n');
  execFileSync('tar', ['-C', place, '-cf', `${place}.tar`, '.']);
  const changes = CHANGES.flatMap((change) => ['-c', change]);
  expect(world.berth('image', 'import', ...changes, `${place}.tar`, 'defaults:1')).toMatchObject({ code: 0 });
});
afterAll(() => {
  world.berth('down', '-v');
  world.berth('container', 'rm', '-f', '-v', 'alone');
  /* The network that such containers have in common stays, as docker's bridge does. */
  world.berth('-p', 'container.network', 'down', '-v');
  world.berth('rmi', 'defaults:1');
  rmSync(place, { recursive: true });
  rmSync(`${place}.tar`);
  world.close();
});

const FILE = `services:
  plain: {image: defaults:1}
  command: {image: defaults:1, command: [from, file]}
  entrypoint: {image: defaults:1, entrypoint: [/bin/entry, with]}
  both: {image: defaults:1, entrypoint: [/bin/entry], command: [a, b]}
  empty: {image: defaults:1, entrypoint: [], command: [/bin/entry, bare]}
  changed:
    image: defaults:1
    user: "0"
    working_dir: /tmp
    stop_signal: SIGTERM
    environment: {WORD: file}
    labels: {both: file}
    healthcheck: {disable: true}
    volumes: [named:/data]
  # The interval is the image's.
  sick:
    image: defaults:1
    healthcheck: {test: [CMD, test, -e, /none]}
  after: {image: defaults:1, depends_on: {plain: {condition: service_healthy}}}
volumes: {named: {}}
`;

type Inspected = {
  readonly Config: { readonly Labels: Record<string, string>; readonly StopSignal?: string };
  readonly Mounts: readonly { readonly Type: string; readonly Name?: string; readonly Destination: string }[];
};

test('entrypoint, command, user, folder, variables, volumes, labels, health check and stop signal come from the image', async () => {
  world.write('stack.yaml', FILE);
  expect(world.berth('up', '-d')).toMatchObject({ code: 0 });
  const log = (service: string) => world.berth('logs', '--no-log-prefix', service).stdout.trim();
  const said = (args: string, rest = 'user=1000:2000 pwd=/srv/app word=image other=kept') => `args=${args} ${rest}`;
  const inspect = (service: string) =>
    (JSON.parse(world.berth('container', 'inspect', `image-defaults-${service}-1`).stdout) as Inspected[])[0]!;

  await eventually(() => log('sick') !== '' && log('changed') !== '', 60_000);
  const wanted = {
    plain: said('from image'),
    command: said('from file'),
    /* As with Docker: an entrypoint of the file leaves nothing of the image's command. */
    entrypoint: said('with'),
    both: said('a b'),
    empty: said('bare'),
    changed: said('from image', 'user=0:0 pwd=/tmp word=file other=kept'),
  };
  await eventually(() => Object.keys(wanted).every((name) => log(name) !== ''), 60_000);
  expect(Object.fromEntries(Object.keys(wanted).map((name) => [name, log(name)]))).toEqual(wanted);

  const health = (service: string) => world.ps(service)[0]?.Health;
  await eventually(() => health('plain') === 'healthy' && health('sick') === 'unhealthy', 60_000);
  expect(health('changed') ?? '').toBe('');

  const plain = inspect('plain');
  expect(plain.Config.Labels).toMatchObject({ from: 'image', both: 'image' });
  expect(inspect('changed').Config.Labels).toMatchObject({ from: 'image', both: 'file' });
  const [anonymous] = plain.Mounts;
  expect(plain.Mounts).toHaveLength(1);
  expect(anonymous).toMatchObject({ Type: 'volume', Destination: '/data' });
  expect(inspect('changed').Mounts).toMatchObject([{ Name: 'image-defaults_named', Destination: '/data' }]);
  expect(world.berth('exec', '-T', 'plain', 'cat', '/data/seed').stdout).toBe('of the image\n');

  expect(world.berth('stop', 'plain', 'changed')).toMatchObject({ code: 0 });
  const ended = (service: string) => world.ps(service)[0];
  expect([ended('plain'), ended('changed')]).toMatchObject([{ ExitCode: 7 }, { ExitCode: 9 }]);
  expect([log('plain').split('\n').at(-1), log('changed').split('\n').at(-1)]).toEqual(['usr1', 'term']);

  /* -P: what the image exposes. */
  expect(world.berth('container', 'run', '-d', '-P', '--name', 'alone', 'defaults:1')).toMatchObject({ code: 0 });
  expect(world.berth('container', 'port', 'alone').stdout).toMatch(/8080\/tcp -> .*\n(.*\n)*9090\/udp -> /);
});
