/** Dockerfiles and contexts that mean harm: each is refused with a reason, in time, and nothing outside is touched. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Result, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;
let context: string;
let count = 0;

beforeAll(() => {
  world = testWorld('hostile');
  world.write('canary/empty/keep', '');
  rmSync(join(world.folder, 'canary/empty/keep'));
  world.write('canary/file', 'untouched');
});
beforeEach(() => {
  context = join(world.folder, `c${++count}`);
  mkdirSync(context);
  file('f', 'f');
});
afterEach(() => {
  expect(readFileSync(join(world.folder, 'canary/file'), 'utf8')).toBe('untouched');
  expect(readdirSync(join(world.folder, 'canary'))).toEqual(['empty', 'file']);
});
afterAll(() => {
  world.berth('builder', 'prune', '--all');
  world.close();
});

test('words that no file system, account or server can give a meaning are refused at their line', () => {
  const cases: Record<string, readonly [lines: readonly string[], says: RegExp]> = {
    'an owner beyond all numbers': [['FROM scratch', 'COPY --chown=99999999999:1 f /f'], /no user/],
    'an owner that is nobody': [['FROM scratch', 'COPY --chown=../x f /f'], /no user/],
    'a user that is nobody': [['FROM host', 'USER ../../x', 'RUN true'], /user|account/],
    'a name too long for a disk': [['FROM scratch', `COPY f /${'x'.repeat(5000)}`], /too long/],
    'another protocol': [['FROM scratch', 'ADD ftp://127.0.0.1/x /x'], /ftp|not in the context/],
    'a server that is silent': [['FROM scratch', 'ADD http://127.0.0.1:1/x /x'], /127\.0\.0\.1:1/],
    'a repository that is a flag': [['FROM scratch', 'ADD git@--upload-pack=touch:x.git /x'], /./],
    'a mount on a device': [['FROM host', 'RUN --mount=type=bind,target=/dev/null true'], /./],
    'a whiteout by name': [['FROM scratch', 'COPY f /.wh.etc'], /\.wh\./],
  };

  const wrong = Object.entries(cases).flatMap(([what, [lines, says]]) => {
    const { code, text } = build(...lines);
    return code === 1 && says.test(text) && isClean(text) ? [] : [{ what, code, text: text.slice(0, 600) }];
  });

  expect(wrong).toEqual([]);
});

test('files in place of a context or a Dockerfile that never end, or lead out, are refused', () => {
  writeFileSync(join(context, 'large'), '');
  truncateSync(join(context, 'large'), 1024 ** 3);
  execFileSync('mkfifo', [join(context, 'pipe')]);
  symlinkSync('around', join(context, 'around'));
  file('Dockerfile', 'FROM scratch\nCOPY . /\n');
  const ignore = (make: (path: string) => void) => {
    const path = join(context, '.dockerignore');
    rmSync(path, { recursive: true, force: true });
    make(path);
    return world.berth('image', 'build', context);
  };

  const runs: Record<string, Result> = {
    'a Dockerfile of 1 GiB': world.berth('image', 'build', '-f', join(context, 'large'), context),
    'a Dockerfile without an end': world.berth('image', 'build', '-f', '/dev/zero', context),
    'a context that is a pipe': world.berth('image', 'build', join(context, 'pipe')),
    'a context that is a device': world.berth('image', 'build', '/dev/zero'),
    'a context in a circle': world.berth('image', 'build', join(context, 'around')),
    'an ignore file that is a link': ignore((path) => symlinkSync('/etc/passwd', path)),
    'an ignore file that is a pipe': ignore((path) => execFileSync('mkfifo', [path])),
    'an ignore file that is a folder': ignore((path) => mkdirSync(path)),
    'an ignore file of 5 MiB': ignore((path) => writeFileSync(path, 'x\n'.repeat(2_621_441))),
    'a file larger than any disk': ignore(() => truncateSync(join(context, 'large'), 8 * 1024 ** 4)),
  };

  const wrong = Object.entries(runs).filter(([, { code, stderr }]) => code !== 1 || !isClean(stderr));
  expect(wrong).toEqual([]);
});

test('archives that lie are refused, and what they hold stays inside', () => {
  execFileSync('python3', ['-c', TARS, context, join(world.folder, 'canary')]);
  const refused = ['up.tar', 'bomb.tar', 'cut.tar', 'cut.tgz', 'cut.txz', 'bad.txz', 'through.tar', 'hardlink.tar'];

  const wrong = refused.flatMap((name) => {
    const { code, text } = build('FROM scratch', `ADD ${name} /`);
    return code === 1 && isClean(text) ? [] : [{ name, code, text }];
  });
  const absolute = build('FROM scratch', 'ADD absolute.tar /x/');

  expect(wrong).toEqual([]);
  expect(absolute.text).not.toContain('bug in berth');
});

test('a step that swaps what it was given for a link leads nobody out of it', () => {
  const canary = join(world.folder, 'canary');
  const stubs = build(
    'FROM host',
    `RUN --mount=type=bind,source=f,target=/a/empty/f true; mv /a /moved && ln -s ${canary} /a; true`,
    `RUN mkdir -p /b && ln -s ${canary} /b/c`,
    'RUN --mount=type=tmpfs,target=/b/c/empty/x true',
    'RUN --mount=type=cache,target=/b/c/made true',
    'COPY f /b/c/copied',
    'WORKDIR /b/c/worked',
  );

  expect(stubs.text).not.toContain('bug in berth');
  expect(readdirSync(join(canary, 'empty'))).toEqual([]);
});

test('what a step prints can not move the terminal of who watches', () => {
  const built = build('FROM host', String.raw`RUN printf 'before\033]0;owned\007\033[2Jafter\n'; false`);

  expect(built.text).toContain('before');
  expect(built.text).not.toMatch(/[\x07\x1b]/);
});

test('a chain of steps as long as a file may be ends in time', () => {
  const chain = Array.from({ length: 4_000 }, (_, index) => `WORKDIR /${index % 2}`);

  const { code, text } = build('FROM scratch', 'COPY missing /x', ...chain);

  expect({ code, isClean: isClean(text) }).toEqual({ code: 1, isClean: true });
});

type Built = Result & { readonly text: string };

function build(...lines: string[]): Built {
  file('Dockerfile', `${lines.join('\n')}\n`);
  const run = world.berth('image', 'build', context);
  return { ...run, text: run.stdout + run.stderr };
}

/** Refused in our own words. */
function isClean(text: string): boolean {
  return text.includes('error:') && !/bug in berth|at \w+ \(|ECONNRESET|went away/.test(text);
}

function file(name: string, text: string): void {
  mkdirSync(dirname(join(context, name)), { recursive: true });
  writeFileSync(join(context, name), text);
}

const TARS = `
import io, sys, tarfile, lzma, gzip
folder, canary = sys.argv[1:]
def make(name, *entries):
    tar = tarfile.open(f'{folder}/{name}', 'w')
    for fields in entries:
        entry = tarfile.TarInfo(fields.pop('name'))
        for key, value in fields.items(): setattr(entry, key, value)
        tar.addfile(entry, io.BytesIO(b'x' * entry.size) if entry.isreg() else None)
    tar.close()
link = dict(type=tarfile.SYMTYPE)
make('up.tar', dict(name='../../../../../..' + canary + '/up', size=4))
make('absolute.tar', dict(name=canary + '/absolute', size=4))
make('through.tar', dict(name='l', linkname=canary, **link), dict(name='l/../../../../..' + canary + '/through', size=4))
make('hardlink.tar', dict(name='h', type=tarfile.LNKTYPE, linkname='../../../..' + canary + '/file'), dict(name='h', size=4))
make('good.tar', dict(name='a', size=200000))
good = open(f'{folder}/good.tar', 'rb').read()
open(f'{folder}/cut.tar', 'wb').write(good[:100000])
open(f'{folder}/cut.tgz', 'wb').write(gzip.compress(good)[:200])
xz = lzma.compress(good)
open(f'{folder}/cut.txz', 'wb').write(xz[:-30])
open(f'{folder}/bad.txz', 'wb').write(xz[:-30] + bytes(30))
entry = tarfile.TarInfo('huge'); entry.size = 1 << 50
open(f'{folder}/bomb.tar', 'wb').write(entry.tobuf() + bytes(1 << 20))
`;
