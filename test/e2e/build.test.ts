/** Images made of Dockerfiles: the language, the cache, mounts, failures; and contexts that mean harm. */
import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually, type Result, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;
let count = 0;
let context: string;

beforeAll(() => {
  world = testWorld('build');
});
beforeEach(() => {
  context = join(world.folder, `c${++count}`);
  mkdirSync(context);
});
/* The cache is meant to stay; what it has is removed at the end. */
afterEach(() => expect(world.leaks().filter((line) => !line.startsWith(`files: + ${world.dataRoot}`))).toEqual([]));
afterAll(() => {
  for (const { names } of JSON.parse(world.berth('image', 'ls', '--json').stdout) as { names: string[] }[]) {
    if (names[0] !== 'host') world.berth('image', 'rm', ...names);
  }
  world.berth('builder', 'prune', '--all');
  world.close();
});

test('stages, COPY rules, owners and modes give the files that Docker gives', () => {
  file('src/a.txt', 'a');
  file('src/sub/b.txt', 'b');
  file('one.txt', '1');
  const built = build(
    'FROM host AS made',
    'RUN mkdir -p /out/deep && echo x > /out/deep/x && ln -s deep/x /out/link && chmod 700 /out/deep',
    'FROM host',
    'WORKDIR /app',
    'COPY src .',
    'COPY one.txt sub/',
    'COPY one.txt renamed.txt',
    'COPY --chown=12:34 --chmod=640 one.txt /owned/',
    'COPY --chmod=u=rwX,go= src /modes',
    'COPY src/*.txt one.txt /many/',
    'COPY --from=made /out /out',
    'COPY --from=made /out/l* /followed',
    'COPY --exclude=**/b.txt src /without/',
    'COPY --parents src/sub/b.txt ./one.txt /parents/',
    'COPY <<EOF /here/doc',
    'hello $PATH_IS',
    'EOF',
    "COPY <<-'E' <<F /here/",
    '\traw $X',
    '\tE',
    'f',
    'F',
  );

  expect(built.code === 0 ? '' : built.text).toBe('');
  expect(filesOf(built)).toMatchInlineSnapshot(`
    "app/a.txt
    app/sub/b.txt
    app/sub/one.txt
    app/renamed.txt
    -rw-r----- 12/34 owned/one.txt
    drwx------ 0/0 modes/
    -rw------- 0/0 modes/a.txt
    drwx------ 0/0 modes/sub/
    -rw------- 0/0 modes/sub/b.txt
    many/a.txt
    many/one.txt
    drwx------ 0/0 out/deep/
    out/deep/x
    lrwxrwxrwx 0/0 out/link -> deep/x
    followed
    without/a.txt
    parents/one.txt
    parents/src/sub/b.txt
    here/doc
    here/E
    here/F"
  `);
});

test('a second build runs nothing, a touched file changes nothing, a changed line runs what depends on it', () => {
  file('a.txt', 'a');
  file('b.txt', 'b');
  const text = ['FROM host', 'COPY a.txt /a', 'RUN cat /a > /c', 'COPY b.txt /b', 'RUN cat /b > /d'];
  const first = build(...text);

  const second = build(...text);
  utimesSync(join(context, 'a.txt'), new Date(), new Date());
  const touched = build(...text);
  file('b.txt', 'changed');
  const changed = build(...text);

  expect([first, second, touched, changed].map(ranSteps)).toEqual([4, 0, 0, 2]);
  expect(second.id).toBe(first.id);
  expect(touched.id).toBe(first.id);
  expect(changed.id).not.toBe(first.id);
});

test('the same input gives the same digest without any cache, and SOURCE_DATE_EPOCH another', () => {
  file('a.txt', 'a');
  const text = ['FROM host', 'COPY a.txt /a', 'RUN mkdir /d && date +%N > /dev/null && echo x > /d/x && ln /d/x /d/y'];

  const first = build(...text);
  const again = buildWith(['--no-cache'], ...text);
  const dated = buildWith(['--build-arg', 'SOURCE_DATE_EPOCH=1700000000'], ...text);

  expect(ranSteps(again)).toBe(2);
  expect(again.digest).toBe(first.digest);
  expect(dated.digest).not.toBe(first.digest);
});

test('the same input in another folder, written at another time, gives the same digest to a store without anything', () => {
  const text = ['FROM host AS s', 'RUN mkdir /d && date > /dev/null && echo x > /d/x', 'FROM s', 'COPY . /all'];
  file('sub/b', 'b');
  symlinkSync('sub/b', join(context, 'link'));
  const first = build(...text);
  const other = join(world.folder, 'another/place');
  mkdirSync(join(other, 'sub'), { recursive: true });
  symlinkSync('sub/b', join(other, 'link'));
  for (const name of ['Dockerfile', 'sub/b']) {
    writeFileSync(join(other, name), readFileSync(join(context, name)));
    utimesSync(join(other, name), new Date('2001-01-01'), new Date('2001-01-01'));
  }
  world.berth('image', 'rm', first.name);
  world.berth('builder', 'prune', '--all');

  const again = world.berth('image', 'build', '--json', '-t', first.name, other);

  const { id, digest, cachedSteps } = JSON.parse(again.stdout) as Record<string, unknown>;
  expect({ id, digest, cachedSteps }).toEqual({ id: first.id, digest: first.digest, cachedSteps: 0 });
});

test('history and inspect show the line of each step, what it stands on and what the cache gave', () => {
  file('a.txt', 'a');
  const text = ['FROM host AS s', '', '# note', 'RUN echo x > /x', 'FROM s', 'ENV A=b', 'COPY a.txt /a'];
  const first = build(...text);
  file('a.txt', 'changed');
  const second = build(...text);
  const commented = build('# one more line', ...text);

  const { build: made } = JSON.parse(world.berth('image', 'inspect', first.name).stdout) as Record<string, never>;
  const lines = world.berth('image', 'history', '--format', '{{.Origin}}', first.name).stdout.trim().split('\n');

  expect(made).toMatchObject({ dockerfile: join(context, 'Dockerfile'), base: 'host', target: null });
  /* What is said of a build is not in the image: a comment gives no other one. */
  expect(commented.id).toBe(second.id);
  expect(lines).toEqual(['Dockerfile:8, cached', 'Dockerfile:7', 'Dockerfile:5, cached']);
});

test('settings without files make another image, and a base with other files other steps', () => {
  const variants = ['HEALTHCHECK CMD a', 'HEALTHCHECK CMD b', 'ONBUILD RUN a', 'ONBUILD RUN b', 'STOPSIGNAL 9'];
  const ids = variants.map((line) => build('FROM scratch', line).id);
  const child = ['FROM base', 'COPY a.txt /sub/a', 'WORKDIR /sub/w'];
  file('a.txt', 'a');
  const base = (text: string) => {
    writeDockerfile(['FROM scratch', `COPY <<E /b`, text, 'E']);
    expect(world.berth('image', 'build', '-q', '-t', 'base', context).code).toBe(0);
  };

  base('one');
  const first = build(...child);
  base('two');
  const second = build(...child);
  base('one');
  const third = build(...child);

  expect(new Set(ids).size).toBe(variants.length);
  /* The base image is a step that is never cached; bases() knows `host` only. */
  expect([first, second, third].map((one) => ranSteps(one) - 1)).toEqual([2, 2, 0]);
  expect(third.digest).toBe(first.digest);
});

test('COPY from a stage is a hit when the stage has other steps but the same files', () => {
  const stage = (extra: string) => [
    'FROM host AS s',
    `RUN ${extra} echo same > /f`,
    'FROM host',
    'COPY --from=s /f /f',
    'RUN cat /f',
  ];
  build(...stage('true &&'));

  const built = build(...stage('true && true &&'));

  expect(ranSteps(built)).toBe(1);
});

test('stages that the target does not need are not run', () => {
  const text = ['FROM host AS unused', 'RUN exit 1', 'FROM host AS wanted', 'RUN echo ok', 'FROM unused', 'RUN exit 1'];

  const built = buildWith(['--target', 'wanted'], ...text);

  expect(built.code).toBe(0);
  expect(buildWith(['--target', 'wantd'], ...text).text).toContain('did you mean wanted?');
});

test('independent stages run side by side', () => {
  const wait = (own: string, other: string) =>
    `RUN --mount=type=cache,target=/meet touch /meet/${own} /${own}; for i in $(seq 500); do [ -e /meet/${other} ] && exit 0; sleep 0.02; done; exit 1`;

  const built = build(
    'FROM host AS a',
    wait('a', 'b'),
    'FROM host AS b',
    wait('b', 'a'),
    'FROM host',
    'COPY --from=a /a /',
    'COPY --from=b /b /',
  );

  expect(built.code === 0 ? '' : built.text).toBe('');
  expect(built.code).toBe(0);
});

test('ARG, ENV, SHELL, USER, WORKDIR and the settings of the image', () => {
  const built = buildWith(
    ['--build-arg', 'WHO=world', '--build-arg', 'BASE=host', '--label', 'l=2'],
    'ARG BASE=scratch',
    'ARG TAG=9',
    'FROM ${BASE} AS s',
    'ARG WHO=nobody TAG UNSET',
    'ENV A=1 B="two words"',
    'ENV A=2 C=$A',
    'RUN test "$WHO $TAG $A $C $B ${UNSET-none}" = "world 9 2 1 two words none"',
    'SHELL ["/bin/bash", "-c"]',
    'RUN [[ $0 == /bin/bash || -n $BASH_VERSION ]]',
    'WORKDIR /w',
    'WORKDIR x$A',
    'RUN test "$(pwd)" = /w/x2',
    'USER 65534:65534',
    'RUN test "$(id -u):$(id -g)" = 65534:65534',
    'EXPOSE 80 53/udp 90-91',
    'VOLUME ["/data"]',
    'LABEL l=1 m="x y"',
    'STOPSIGNAL SIGINT',
    'HEALTHCHECK --interval=5s --retries=2 CMD ["true"]',
    'ENTRYPOINT ["/bin/echo"]',
    'CMD hello',
    'ONBUILD ENV TRIGGERED=yes',
  );

  expect(built.code === 0 ? '' : built.text).toBe('');
  expect(configOf(built)).toMatchInlineSnapshot(`
    {
      "Cmd": [
        "/bin/bash",
        "-c",
        "hello",
      ],
      "Entrypoint": [
        "/bin/echo",
      ],
      "Env": [
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "A=2",
        "B=two words",
        "C=1",
      ],
      "ExposedPorts": {
        "53/udp": {},
        "80/tcp": {},
        "90/tcp": {},
        "91/tcp": {},
      },
      "Healthcheck": {
        "Interval": 5000000000,
        "Retries": 2,
        "Test": [
          "CMD",
          "true",
        ],
      },
      "Labels": {
        "l": "2",
        "m": "x y",
      },
      "OnBuild": [
        "ENV TRIGGERED=yes",
      ],
      "Shell": [
        "/bin/bash",
        "-c",
      ],
      "StopSignal": "SIGINT",
      "User": "65534:65534",
      "Volumes": {
        "/data": {},
      },
      "WorkingDir": "/w/x2",
    }
  `);
  const child = build(`FROM ${built.name}`, 'RUN test "$TRIGGERED" = yes', 'CMD ["x"]');
  expect(child.code === 0 ? '' : child.text).toBe('');
  expect((configOf(child) as { OnBuild?: unknown }).OnBuild).toBeUndefined();
});

test('RUN mounts: bind, cache, tmpfs, secret; none of them is in the image', () => {
  file('data/x', 'x');
  file('ignored', 'i');
  file('.dockerignore', 'ignored\n.dockerignore\n');
  const secret = join(world.folder, 'secret');
  writeFileSync(secret, ['hu', 'sh', 'hush'].join('-'));

  const built = buildWith(
    ['--secret', `id=s,src=${secret}`],
    'FROM host AS other',
    'RUN mkdir /o && echo other > /o/f',
    'FROM host',
    'RUN --mount=type=bind,target=/ctx test "$(cat /ctx/data/x)" = x && test ! -e /ctx/ignored && ! touch /ctx/y',
    'RUN --mount=type=bind,source=data,target=/ctx,rw touch /ctx/y && test -e /ctx/x',
    'RUN --mount=type=bind,from=other,source=/o/f,target=/f test "$(cat /f)" = other',
    'RUN --mount=type=cache,target=/cache echo kept > /cache/k',
    'RUN --mount=type=cache,target=/cache,ro test "$(cat /cache/k)" = kept',
    'RUN --mount=type=tmpfs,target=/t grep -q " /t tmpfs" /proc/mounts && echo x > /t/x',
    'RUN --mount=type=secret,id=s test "$(wc -c < /run/secrets/s)" = 10 && test "$(stat -c %a /run/secrets/s)" = 400',
    'RUN --mount=type=secret,id=s,env=S test "${#S}" = 10',
    'RUN --mount=type=secret,id=none test ! -e /run/secrets/none',
    'RUN --network=none ! grep -v -e lo: -e face -e Inter /proc/net/dev',
  );

  expect(built.code === 0 ? '' : built.text).toBe('');
  expect(filesOf(built)).toBe('');
  expect(everythingBelow(world.dataRoot).filter((path) => contains(path, 'hu-sh-hush'))).toEqual([]);
});

test('a step that fails is shown with its line, and what it printed last', () => {
  writeDockerfile(['FROM host', 'RUN echo before && \\', '  echo broken >&2 && false']);

  const built = world.berth('image', 'build', context);

  expect(built.code).toBe(1);
  expect(built.stderr).toContain('the step failed with exit code 1');
  expect(built.stderr).toContain('    broken');
  expect(built.stderr).toMatch(/Dockerfile:2:1\n.*\n *2 \| RUN echo before/);
});

test('a build that is killed with the engine leaves a cache whose result is that of a clean build', async () => {
  const text = [
    'FROM host',
    'RUN echo 1 > /1',
    'RUN echo 2 > /2; echo "$(cat /gate/x 2>/dev/null)"',
    'RUN sleep 0.3; echo 3 > /3',
    'COPY x /x',
  ];
  file('x', 'x');
  writeDockerfile(text);
  const child = world.spawn(['image', 'build', '-t', 'killed', context]);
  await eventually(() => everythingBelow(join(world.dataRoot, 'build/cache')).length > 1);
  process.kill(world.enginePid(), 'SIGKILL');
  await new Promise((resolve) => child.once('close', resolve));

  const after = build(...text);
  const clean = buildWith(['--no-cache'], ...text);

  expect(after.code).toBe(0);
  expect(after.digest).toBe(clean.digest);
  expect(readdirSync(join(world.dataRoot, 'build/work'))).toEqual([]);
});

test('ADD unpacks archives of the context, and copies what only looks like one', () => {
  file('in/f', 'f');
  execFileSync('tar', ['-C', context, '-czf', join(context, 'a.tgz'), 'in']);
  execFileSync('tar', ['-C', context, '-cJf', join(context, 'a.tar.xz'), 'in']);
  file('fake.tar', 'no archive');

  const built = build(
    'FROM scratch',
    'ADD a.tgz /gz/',
    'ADD a.tar.xz /xz',
    'ADD fake.tar /fake/',
    'COPY a.tgz /copied/',
  );

  expect(filesOf(built)).toMatchInlineSnapshot(`
    "gz/in/f
    xz/in/f
    fake/fake.tar
    copied/a.tgz"
  `);
});

test('ADD of a git repository and a build in one', async () => {
  const repository = join(context, 'repo.git');
  mkdirSync(join(repository, 'sub'), { recursive: true });
  writeFileSync(join(repository, 'f'), 'f');
  writeFileSync(join(repository, 'sub/Dockerfile'), 'FROM scratch\nCOPY . /\n');
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', repository, '-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args]);
  git('init', '-q', '-b', 'main');
  git('add', '.');
  git('commit', '-q', '-m', 'first');

  const daemon = world.inside(
    'sh',
    '-c',
    `git daemon --detach --pid-file=${context}/pid --listen=127.0.0.1 --export-all --base-path=${context}`,
  );
  expect(daemon.stderr).toBe('');
  await eventually(
    () => existsSync(join(context, 'pid')) && world.inside('git', 'ls-remote', 'git://127.0.0.1/repo.git').code === 0,
  );
  try {
    const added = build('FROM scratch', 'ADD git://127.0.0.1/repo.git#main /x');
    const inside = world.berth('image', 'build', '--json', '-t', 'ingit', 'git://127.0.0.1/repo.git#main:sub');
    const missing = build('FROM scratch', 'ADD git://127.0.0.1/none.git /x');
    const up = build('FROM scratch', 'ADD git://127.0.0.1/repo.git#main:../.. /x');

    expect(filesOf(added)).toBe('x/f\nx/sub/Dockerfile');
    expect(inside.code).toBe(0);
    expect(missing.text).toContain('can not be fetched');
    expect(up.text).toContain('leads out of the repository');
  } finally {
    const pid = Number(readFileSync(join(context, 'pid'), 'utf8'));
    process.kill(pid);
    await eventually(() => !existsSync(`/proc/${pid}`));
  }
});

test('hostile contexts and Dockerfiles stay inside, or are refused', () => {
  const canary = world.write('canary', 'untouched');
  file('f', 'f');
  symlinkSync('/', join(context, 'root'));
  symlinkSync('../../..', join(context, 'up'));
  symlinkSync('loop', join(context, 'loop'));
  symlinkSync(canary, join(context, 'out'));
  execFileSync('python3', ['-c', EVIL_TAR, join(context, 'evil.tar'), canary]);

  const refused: Record<string, readonly string[]> = {
    'a link to / is the context itself': ['FROM scratch', 'COPY root/etc/passwd /p'],
    'a link up ends at the context': ['FROM scratch', 'COPY up/etc/passwd /p'],
    'a link in a circle': ['FROM scratch', 'COPY loop/x /p'],
    'a path up': ['FROM scratch', 'COPY ../canary /p'],
    'a link out': ['FROM scratch', 'COPY out /p'],
    'an archive that leads out': ['FROM scratch', 'ADD evil.tar /'],
    'a cache that leads out': [
      'FROM host',
      `RUN --mount=type=cache,from=host,source=../../..${canary},target=/x cat /x/canary`,
    ],
    'an ARG that grows': [
      'ARG A=aaaaaaaaaa',
      ...Array.from({ length: 12 }, () => 'ARG A=$A$A$A$A$A$A$A$A$A$A'),
      'FROM $A',
    ],
    'a mount on /': ['FROM host', 'RUN --mount=type=tmpfs,target=/ true'],
    'a mount on /proc': ['FROM host', 'RUN --mount=type=tmpfs,target=/proc true'],
    'a stage of itself': ['FROM host AS a', 'COPY --from=a /x /x'],
    'more rights': ['FROM host', 'RUN --security=insecure true'],
    'another platform': ['FROM --platform=plan9/mips host'],
    'a trigger in a trigger': ['FROM host', 'ONBUILD ONBUILD RUN x'],
  };

  for (const [what, text] of Object.entries(refused)) {
    const built = build(...text);
    expect({ what, code: built.code, isBug: /bug in berth/.test(built.text) }).toEqual({ what, code: 1, isBug: false });
  }
  const allowed = build('FROM scratch', 'COPY f /a', 'WORKDIR /proc/self/fd/7', 'COPY f .');
  expect(filesOf(allowed)).toContain('proc/self/fd/7/f');
  expect(readFileSync(canary, 'utf8')).toBe('untouched');
});

test('a stage can not write through links of its own', () => {
  const canary = world.write('canary', 'untouched');
  file('f', 'evil');
  const built = build(
    'FROM host',
    `RUN ln -s ${dirname(canary)} /link && ln -s ${canary} /file && mkdir /etc2 && ln -s /link /etc2/x`,
    'COPY f /link/canary',
    'COPY f /file',
    'COPY f /etc2/x/canary',
    'RUN --mount=type=tmpfs,target=/stub rm -rf /stub/x; true',
  );

  expect(built.text).not.toContain('bug in berth');
  expect(readFileSync(canary, 'utf8')).toBe('untouched');
});

test('a Dockerfile that is a pipe or a folder is refused at once', () => {
  execFileSync('mkfifo', [join(context, 'pipe')]);

  const pipe = world.berth('image', 'build', '-f', join(context, 'pipe'), context);
  const folder = world.berth('image', 'build', '-f', context, context);

  expect([pipe.code, folder.code]).toEqual([1, 1]);
  expect(pipe.stderr).toContain('no ordinary file');
});

test('an ignored folder is never read', () => {
  file('f', 'f');
  file('node_modules/deep/x', 'x');
  file('src/x', 'x');
  file('.dockerignore', '**/node_modules\n');
  writeDockerfile(['FROM scratch', 'COPY . /']);
  const long = new Date('2001-01-01');
  for (const name of ['node_modules', 'src']) utimesSync(join(context, name), long, new Date());

  const built = build('FROM scratch', 'COPY . /');

  /* relatime: reading a folder moves its access time when that is older than its last change. */
  const wasRead = ['node_modules', 'src'].filter((name) => statSync(join(context, name)).atimeMs > long.getTime());
  expect(filesOf(built)).toBe('.dockerignore\nDockerfile\nf\nsrc/x');
  expect(wasRead).toEqual(['src']);
});

test('ADD of a URL checks what it gets, and unpacks it only when asked', async () => {
  file('www/a.txt', 'from the web');
  file('in/f', 'f');
  execFileSync('tar', ['-C', context, '-czf', join(context, 'www/a.tgz'), 'in']);
  const sum = createHash('sha256').update('from the web').digest('hex');
  const server = spawn(
    'nsenter',
    [
      `--net=/run/netns/${world.netns}`,
      'python3',
      '-m',
      'http.server',
      '-b',
      '127.0.0.1',
      '-d',
      join(context, 'www'),
      '8099',
    ],
    { stdio: 'ignore' },
  );
  await eventually(() => world.get('http://127.0.0.1:8099/a.txt').status === 200);
  try {
    const url = 'http://127.0.0.1:8099';
    const added = build(
      'FROM scratch',
      `ADD --checksum=sha256:${sum} --chmod=644 ${url}/a.txt /x/`,
      `ADD ${url}/a.tgz /packed`,
      `ADD --unpack=true ${url}/a.tgz /unpacked/`,
    );
    const again = build('FROM scratch', `ADD --checksum=sha256:${sum} --chmod=644 ${url}/a.txt /x/`);
    const wrong = build('FROM scratch', `ADD --checksum=sha256:${'0'.repeat(64)} ${url}/a.txt /x/`);
    const missing = build('FROM scratch', `ADD ${url}/none /x/`);

    expect(filesOf(added)).toBe('x/a.txt\n-rw------- 0/0 packed\nunpacked/in/f');
    expect(again.code).toBe(0);
    expect(wrong.text).toContain(`its checksum is sha256:${sum}`);
    expect(missing.text).toContain('the server answered 404');
  } finally {
    server.kill();
    await new Promise((resolve) => server.once('exit', resolve));
  }
});

test('RUN talks to the ssh agent that it was given, and to no other', async () => {
  const socket = join(world.folder, 'agent');
  const agent = createServer((client) => client.end('agent speaks')).listen(socket);
  const speak =
    "python3 -c \"import os, socket; s = socket.socket(socket.AF_UNIX); s.connect(os.environ['SSH_AUTH_SOCK']); assert s.recv(99) == b'agent speaks'\"";
  writeDockerfile([
    'FROM host',
    `RUN --mount=type=ssh,id=mine ${speak}`,
    'RUN test -z "$SSH_AUTH_SOCK"',
    'RUN --mount=type=ssh,id=other test -z "$SSH_AUTH_SOCK"',
  ]);
  const child = world.spawn(['image', 'build', '-t', 'agent', '--ssh', `mine=${socket}`, context]);
  let said = '';
  child.stderr?.on('data', (data: Buffer) => (said += data.toString()));

  const code = await new Promise((resolve) => child.once('close', resolve));

  agent.close();
  expect(code === 0 ? '' : said).toBe('');
});

test('the files of a result are written to a folder or a tar', () => {
  file('f', 'f');
  const folder = join(context, 'out');
  const tar = join(context, 'out.tar');

  const first = buildWith(['-o', folder], 'FROM scratch', 'COPY f /a/f');
  const second = buildWith(['-o', `type=tar,dest=${tar}`], 'FROM host', 'COPY f /a/f');

  expect([first, second].map(({ code, text }) => (code === 0 ? '' : text))).toEqual(['', '']);
  expect(readdirSync(folder, { recursive: true })).toEqual(['a', 'a/f']);
  expect(execFileSync('tar', ['-tf', tar], { encoding: 'utf8' })).toMatch(/^a\/f$/m);
  expect(buildWith(['-o', 'type=oci,dest=x'], 'FROM scratch').code).toBe(2);
});

test('`berth build` with a folder is `berth image build`', () => {
  file('Dockerfile', 'FROM scratch\nCOPY Dockerfile /\n');

  const tagged = world.berth('build', '-t', 'aliased', context);

  expect(tagged.code).toBe(0);
  expect(tagged.stdout).toContain('built aliased');
});

test('--check names what is doubtful with its rule and line', () => {
  writeDockerfile(['from host as Base', 'ENV API_TOKEN=x', 'ENV old way', 'CMD run it']);

  const checked = world.berth('image', 'build', '--check', '--json', context);

  const found = (JSON.parse(checked.stdout) as { message: string; at: { line: number } }[]).map(
    ({ message, at }) => `${at.line} ${/\((\w+)\)$/.exec(message)?.[1]}`,
  );
  expect(found.sort()).toMatchInlineSnapshot(`
    [
      "1 ConsistentInstructionCasing",
      "1 StageNameCasing",
      "2 SecretsUsedInArgOrEnv",
      "3 LegacyKeyValueFormat",
      "4 JSONArgsRecommended",
    ]
  `);
});

/** `text`: all that was said, in whichever stream. */
type Built = Result & { readonly text: string; readonly id: string; readonly digest: string; readonly name: string };

function build(...lines: string[]): Built {
  return buildWith([], ...lines);
}

function buildWith(flags: readonly string[], ...lines: string[]): Built {
  writeDockerfile(lines);
  const name = `t${count}`;
  const run = world.berth('image', 'build', '--json', '-t', name, ...flags, context);
  const answer =
    run.code === 0
      ? (JSON.parse(run.stdout) as { id: string; digest: string; steps: number; cachedSteps: number })
      : undefined;
  ran.set(run, answer ? answer.steps - answer.cachedSteps - bases(lines, answer.steps) : -1);
  const built = { ...run, text: run.stdout + run.stderr, id: answer?.id ?? '', digest: answer?.digest ?? '', name };
  ran.set(built, ran.get(run)!);
  return built;
}

const ran = new Map<Result, number>();

/** Looking at a base image counts as a step that was done. */
function bases(lines: readonly string[], steps: number): number {
  return steps === 0 ? 0 : new Set(lines.filter((line) => line.startsWith('FROM host'))).size > 0 ? 1 : 0;
}

function ranSteps(built: Result): number {
  return ran.get(built) ?? -1;
}

function writeDockerfile(lines: readonly string[]): void {
  file('Dockerfile', `${lines.join('\n')}\n`);
}

function file(name: string, text: string): void {
  mkdirSync(dirname(join(context, name)), { recursive: true });
  writeFileSync(join(context, name), text);
}

type Manifest = {
  readonly config: { readonly digest: string };
  readonly layers: readonly { readonly digest: string }[];
};

function blob<T>(digest: string): T {
  return JSON.parse(readFileSync(blobPath(digest), 'utf8')) as T;
}

function blobPath(digest: string): string {
  return join(world.dataRoot, 'images/blobs', digest.replace(':', '/'));
}

function configOf({ digest }: Built): unknown {
  return blob<{ config: unknown }>(blob<Manifest>(digest).config.digest).config;
}

/** All entries of all layers: mode, owner, name. Plain files by name alone when they are root's and 644. */
function filesOf({ digest }: Built): string {
  const lines = blob<Manifest>(digest).layers.flatMap((layer) =>
    execFileSync('tar', ['--numeric-owner', '-tvf', blobPath(layer.digest)], { encoding: 'utf8' })
      .trimEnd()
      .split('\n'),
  );
  const shown = lines.map((line) => {
    const [mode = '', owner = '', , , , ...name] = line.split(/\s+/);
    const isPlain = mode === '-rw-r--r--' && owner === '0/0';
    return mode.startsWith('d') && mode === 'drwxr-xr-x' && owner === '0/0'
      ? ''
      : isPlain
        ? name.join(' ')
        : `${mode} ${owner} ${name.join(' ')}`;
  });
  return shown.filter((line) => line !== '').join('\n');
}

function everythingBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function contains(path: string, text: string): boolean {
  return readFileSync(path).includes(text);
}

/** A name that leads up, a link out and a file through it. */
const EVIL_TAR = `
import io, sys, tarfile
tar = tarfile.open(sys.argv[1], 'w')
def add(name, **fields):
    entry = tarfile.TarInfo(name)
    for key, value in fields.items(): setattr(entry, key, value)
    tar.addfile(entry, io.BytesIO(b'evil') if entry.isfile() else None)
add('ok', size=4)
add('../../../../..' + sys.argv[2], size=4)
tar.close()
`;
