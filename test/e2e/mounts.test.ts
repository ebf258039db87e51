import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { BERTH, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;

beforeAll(() => {
  world = testWorld('mounts');
});
afterEach(() => {
  world.berth('down', '-v');
  world.berth('image', 'rm', 'box');
  expect(world.leaks()).toEqual([]);
});
afterAll(() => world.close());

/** stdout of a shell in the container of a service. */
function sh(service: string, script: string): string {
  const { code, stdout, stderr } = world.berth('exec', '-T', service, 'sh', '-c', script);
  return code === 0 ? stdout.trim() : `exit ${code}: ${stderr}`;
}

/** `up -d` with variables of the caller. */
function upWith(env: NodeJS.ProcessEnv) {
  return spawnSync('nsenter', [`--net=/run/netns/${world.netns}`, BERTH, 'up', '-d'], {
    cwd: world.folder,
    env: { ...world.env, ...env },
    encoding: 'utf8',
    timeout: 90_000,
  });
}

const up = (...args: string[]) => world.berth('up', '-d', ...args);

/** Every file below the roots that holds the text. */
function filesWith(text: string): string {
  return spawnSync('grep', ['-rl', text, world.dataRoot, world.runRoot], { encoding: 'utf8' }).stdout;
}

test('secrets are read-only files in memory with owner and mode; their value is in no file, event, log or process list', () => {
  world.write('token.txt', 'from-a-file');
  world.write(
    'stack.yaml',
    `services:
  web:
    image: host
    command: sleep 1000
    secrets: [password, {source: token, target: /etc/token, uid: "1000", gid: "7", mode: "0400"}]
secrets: {password: {environment: DB_PASSWORD}, token: {file: ./token.txt}}
`,
  );

  const started = upWith({ DB_PASSWORD: 'hush-7731' });

  expect(started).toMatchObject({ status: 0 });
  expect(sh('web', 'cat /run/secrets/password; stat -c " %u %g %a" /run/secrets/password')).toBe('hush-7731 0 0 444');
  expect(sh('web', 'cat /etc/token; stat -c " %u %g %a" /etc/token')).toBe('from-a-file 1000 7 400');
  expect(
    sh('web', "grep -E ' (/run/secrets/password|/etc/token) ' /proc/self/mountinfo | grep -c ' ro,.* - tmpfs '"),
  ).toBe('2');
  expect(sh('web', 'echo x > /run/secrets/password')).toContain('Read-only file system');
  expect(filesWith('hush-7731')).toBe('');
});

test('a secret of a variable outlives a restart of the container and of the engine', () => {
  world.write(
    'stack.yaml',
    `services:
  web: {image: host, command: sleep 1000, secrets: [password]}
secrets: {password: {environment: PASSWORD}}
`,
  );
  world.write('.env', 'PASSWORD=hush-5512\n');
  expect(up()).toMatchObject({ code: 0 });

  world.berth('engine', 'stop');
  const restarted = world.berth('restart');

  expect(restarted).toMatchObject({ code: 0 });
  expect(sh('web', 'cat /run/secrets/password')).toBe('hush-5512');
  expect(up().stdout).toContain('nothing to do');
  world.write('.env', 'PASSWORD=hush-5513\n');
  expect(world.berth('plan').stdout).toMatch(/recreate|create/);
  expect(world.berth('plan').stdout).not.toContain('hush-55');
});

test('configs: content, a variable, a file that shows edits, and a copy with owner and mode', () => {
  world.write('live.conf', 'one');
  world.write(
    'stack.yaml',
    `services:
  web:
    image: host
    command: sleep 1000
    configs:
      - {source: text, target: /etc/text.conf}
      - {source: variable, target: /etc/variable.conf}
      - {source: file, target: /etc/live.conf}
      - {source: file, target: /etc/copy.conf, uid: "12", mode: "0640"}
configs:
  text: {content: "a = 1\\n"}
  variable: {environment: SETTING}
  file: {file: ./live.conf}
`,
  );
  world.write('.env', 'SETTING=b = 2\n');
  expect(up()).toMatchObject({ code: 0 });

  writeFileSync(join(world.folder, 'live.conf'), 'two');

  expect(sh('web', 'cat /etc/text.conf /etc/variable.conf')).toBe('a = 1\nb = 2');
  expect(sh('web', 'cat /etc/live.conf /etc/copy.conf')).toBe('twoone');
  expect(sh('web', 'stat -c "%u %g %a" /etc/copy.conf')).toBe('12 0 640');
});

test('new contents behind env_file, configs and secrets make the container anew, unless told otherwise', () => {
  const text = (more: string) => `services:
  web:
    image: host
    command: sleep 1000
    env_file: app.env
    configs: [app]
    secrets: [token]
${more}configs: {app: {file: ./app.conf}}
secrets: {token: {file: ./token}}
`;
  const writeAll = (word: string) => {
    world.write('app.conf', word);
    world.write('token', word);
    world.write('app.env', `WORD=${word}\n`);
  };
  const pid = () => world.ps()[0]?.Pid;
  world.write('stack.yaml', text(''));
  writeAll('one');
  up();
  const first = pid();
  const causes = ['app.conf', 'token', 'app.env'].map((name) => {
    writeAll('one');
    world.write(name, name === 'app.env' ? 'WORD=two\n' : 'two');
    return world.berth('plan').stdout.split('\n')[0];
  });
  writeAll('two');
  world.write('stack.yaml', text('    x-berth: {file-changes: ignore}\n'));
  const ignored = up();
  const kept = pid();
  world.write('stack.yaml', text(''));
  const counted = up();

  expect(causes[0]).toContain(`configs.app content changed (${world.folder}/app.conf), stack.yaml:8`);
  expect(causes[1]).toContain(`secrets.token content changed (${world.folder}/token), stack.yaml:9`);
  expect(causes[2]).toContain('environment.WORD one -> two, app.env:1');
  expect(ignored.stdout).toContain('nothing to do');
  expect(kept).toBe(first);
  expect(counted.code).toBe(0);
  expect(pid()).not.toBe(first);
  expect(sh('web', 'cat /app /run/secrets/token; echo $WORD')).toBe('twotwotwo');
});

test('what is missing for a secret is told with its line before anything is started', () => {
  world.write(
    'stack.yaml',
    `services:
  web: {image: host, command: sleep 1000, secrets: [password]}
secrets:
  password: {environment: NOT_SET_ANYWHERE}
`,
  );
  const noVariable = up();
  world.write(
    'stack.yaml',
    `services:
  web: {image: host, command: sleep 1000, secrets: [{source: password, uid: postgres}]}
secrets: {password: {file: ./there-is-none}}
`,
  );
  const noNumber = up();
  world.write(
    'stack.yaml',
    `services:
  web: {image: host, command: sleep 1000, secrets: [password]}
secrets: {password: {external: true}}
`,
  );
  const external = up();

  expect(noVariable).toMatchObject({ code: 3 });
  expect(noVariable.stderr).toContain('needs the variable NOT_SET_ANYWHERE, which is not set');
  expect(noVariable.stderr).toContain('stack.yaml:4');
  expect(noNumber.stderr).toContain('"postgres" is no number of a user or group');
  expect(external.stderr).toContain('secrets.password.external');
  expect(world.ps()).toEqual([]);
});

test('a new volume gets what the image has there, with owners, modes, links and attributes', () => {
  const root = join(world.folder, 'root');
  mkdirSync(join(root, 'data/deep'), { recursive: true });
  for (const name of ['bin', 'etc', 'proc', 'sys', 'dev', 'lib', 'tmp', 'usr']) mkdirSync(join(root, name));
  execFileSync('cp', ['/bin/busybox', join(root, 'bin/sh')]);
  writeFileSync(join(root, 'data/deep/file'), 'hello');
  execFileSync('sh', [
    '-c',
    `cd ${root}/data && ln deep/file twin && ln -s /etc/shadow link && mkfifo pipe && setfattr -n user.color -v blue deep/file && chown -R 999:998 . && chmod 4711 deep/file && chmod 2750 . && ln -s /data ../way`,
  ]);
  execFileSync('tar', ['-C', root, '--xattrs', '--xattrs-include=*', '-cf', join(world.folder, 'root.tar'), '.']);
  expect(world.berth('image', 'import', 'root.tar', 'box')).toMatchObject({ code: 0 });
  world.write(
    'stack.yaml',
    `services:
  a: {image: box, command: [sh, -c, "sleep 1000"], volumes: ["data:/data"]}
  b: {image: box, command: [sh, -c, "sleep 1000"], volumes: ["plain:/way/deep"]}
  c: {image: box, command: [sh, -c, "sleep 1000"], volumes: [{type: volume, source: none, target: /data, volume: {nocopy: true}}]}
volumes: {data: {}, plain: {}, none: {}}
`,
  );

  expect(up()).toMatchObject({ code: 0 });

  const data = join(world.dataRoot, 'volumes/mounts_data/_data');
  const facts = (path: string) => {
    const { uid, gid, mode, nlink } = statSync(path);
    return [uid, gid, (mode & 0o7777).toString(8), nlink];
  };
  expect(readdirSync(data).sort()).toEqual(['deep', 'link', 'pipe', 'twin']);
  expect(facts(data).slice(0, 3)).toEqual([999, 998, '2750']);
  expect(facts(join(data, 'deep/file'))).toEqual([999, 998, '4711', 2]);
  expect(statSync(join(data, 'twin')).ino).toBe(statSync(join(data, 'deep/file')).ino);
  expect(execFileSync('readlink', [join(data, 'link')], { encoding: 'utf8' }).trim()).toBe('/etc/shadow');
  expect(
    execFileSync('getfattr', ['-n', 'user.color', '--only-values', join(data, 'deep/file')], { encoding: 'utf8' }),
  ).toBe('blue');
  /* The image's link leads below the container's root. */
  expect(readFileSync(join(world.dataRoot, 'volumes/mounts_plain/_data/file'), 'utf8')).toBe('hello');
  expect(readdirSync(join(world.dataRoot, 'volumes/mounts_none/_data'))).toEqual([]);
});

test('what a service changed in its volume is not filled up again', () => {
  world.write(
    'stack.yaml',
    'services: {a: {image: host, command: sleep 1000, volumes: ["data:/etc"]}}\nvolumes: {data: {}}\n',
  );
  up();
  sh('a', 'rm /etc/passwd; echo mine > /etc/mine');

  expect(up('--force-recreate')).toMatchObject({ code: 0 });

  expect(existsSync(join(world.dataRoot, 'volumes/mounts_data/_data/passwd'))).toBe(false);
  expect(readFileSync(join(world.dataRoot, 'volumes/mounts_data/_data/mine'), 'utf8')).toBe('mine\n');
});

test('volumes_from: mounts of a service read-only, and of a container by its name', () => {
  mkdirSync(join(world.folder, 'b'), { recursive: true });
  world.write(
    'stack.yaml',
    `services:
  a: {image: host, command: sleep 1000, container_name: keeper, volumes: ["data:/data", /anonymous, "./b:/b"]}
  b: {image: host, command: sleep 1000, volumes_from: ["a:ro"]}
  c: {image: host, command: sleep 1000, volumes_from: ["container:keeper"], depends_on: [a]}
volumes: {data: {}}
`,
  );

  expect(up()).toMatchObject({ code: 0 });

  sh('a', 'echo one > /data/x; echo two > /anonymous/x; echo three > /b/x');
  expect(sh('b', 'cat /data/x /anonymous/x /b/x')).toBe('one\ntwo\nthree');
  expect(sh('b', 'touch /data/y')).toContain('Read-only file system');
  expect(sh('c', 'echo four > /data/x')).toBe('');
  expect(sh('a', 'cat /data/x')).toBe('four');
});

test('anonymous volumes go over to the next container, and are new with -V', () => {
  world.write('stack.yaml', 'services: {a: {image: host, command: sleep 1000, volumes: [/data]}}\n');
  up();
  sh('a', 'echo kept > /data/x');

  up('--force-recreate');
  const kept = sh('a', 'cat /data/x');
  up('--force-recreate', '-V');
  const renewed = sh('a', 'ls /data');

  expect(kept).toBe('kept');
  expect(renewed).toBe('');
});

test('an image is mounted read-only, whole or in part', () => {
  world.write(
    'stack.yaml',
    `services:
  a:
    image: host
    command: sleep 1000
    volumes:
      - {type: image, source: host, target: /whole}
      - {type: image, source: host, target: /part, image: {subpath: etc}}
      - {type: image, source: host, target: /programs, image: {subpath: usr/bin}}
`,
  );

  expect(up()).toMatchObject({ code: 0 });

  expect(sh('a', 'cmp /whole/etc/passwd /part/passwd && cmp /whole/usr/bin/env /programs/env && echo same')).toBe(
    'same',
  );
  expect(sh('a', 'touch /whole/x')).toContain('Read-only file system');
  expect(sh('a', 'touch /part/x')).toContain('Read-only file system');
});

test('a subpath of a volume is mounted; a link in it can not lead outside of the volume', () => {
  const subpath = (path: string) => `services:
  a: {image: host, command: sleep 1000, volumes: ["data:/data"]}
  b: {image: host, command: sleep 1000, depends_on: [a], volumes: [{type: volume, source: data, target: /sub, volume: {subpath: ${path}}}]}
volumes: {data: {}}
`;
  world.write('stack.yaml', subpath('a/b'));
  world.berth('up', '-d', 'a');
  sh(
    'a',
    'mkdir -p /data/a/b /data/etc; echo in > /data/a/b/x; echo volume > /data/etc/hostname; ln -s /etc /data/out',
  );

  expect(up()).toMatchObject({ code: 0 });
  const within = sh('b', 'cat /sub/x');
  world.write('stack.yaml', subpath('out'));
  const moved = up();
  const outside = sh('b', 'cat /sub/hostname');
  world.write('stack.yaml', subpath('../..'));
  const above = up();

  expect(within).toBe('in');
  expect(moved).toMatchObject({ code: 0 });
  expect(outside).toBe('volume');
  expect(above.stderr).toContain('leads outside');
});

test("tmpfs has docker's options", () => {
  world.write(
    'stack.yaml',
    `services:
  a: {image: host, command: sleep 1000, tmpfs: ["/t:size=2m,mode=0700,uid=5,gid=6,exec,nr_inodes=100"]}
`,
  );

  expect(up()).toMatchObject({ code: 0 });

  expect(
    sh(
      'a',
      "stat -c '%u %g %a' /t; grep ' /t ' /proc/self/mountinfo | sed 's/.* - //'; grep -c ' /t .*noexec' /proc/self/mountinfo || true",
    ),
  ).toMatch(/^5 6 700\ntmpfs tmpfs rw,size=2048k,nr_inodes=100,mode=700,uid=5,gid=6\S*\n0$/);
});

test('files that a container makes in a bind mount belong to the person, and the other way round', () => {
  mkdirSync(join(world.folder, 'mine'));
  chmodSync(join(world.folder, 'mine'), 0o700);
  execFileSync('chown', ['4321:4322', join(world.folder, 'mine')]);
  world.write(
    'stack.yaml',
    `x-berth: {volumes-owner: me}
services:
  root: {image: host, command: sleep 1000, volumes: ["./mine:/mine", "./made:/made"]}
  user: {image: host, command: sleep 1000, user: "999:998", volumes: ["./mine:/mine"]}
`,
  );

  const started = upWith({ SUDO_UID: '4321', SUDO_GID: '4322' });

  expect(started).toMatchObject({ status: 0 });
  expect(sh('root', 'touch /mine/by-root /made/x; stat -c "%u %g" /mine /mine/by-root')).toBe('0 0\n0 0');
  expect(sh('user', 'touch /mine/by-user; stat -c "%u %g" /mine /mine/by-user')).toBe('999 998\n999 998');
  const ownerOf = (path: string) => [statSync(join(world.folder, path)).uid, statSync(join(world.folder, path)).gid];
  expect(['mine/by-root', 'mine/by-user', 'made', 'made/x'].map(ownerOf)).toEqual(Array(4).fill([4321, 4322]));
  expect(sh('user', "grep -c ' /mine .*idmapped' /proc/self/mountinfo")).toBe('1');
});

test('a file system that can not map owners is a clear error with the line', () => {
  world.write(
    'stack.yaml',
    `services:
  a:
    image: host
    command: sleep 1000
    user: "999"
    x-berth: {volumes-owner: me}
    volumes: ["/proc/sys/kernel:/mine"]
`,
  );

  const started = up();

  expect(started.code).not.toBe(0);
  expect(started.stderr).toContain('the file system of /proc/sys/kernel can not show files with another owner');
  expect(started.stderr).toContain('stack.yaml:7');
});
