/** Archives that are cut, lie about themselves or want too much: one line on stderr, exit 1, no flood. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { executorPath } from '../../../src/runtime/executor-path.ts';
import { block, END, longName, pax, tar } from './tar-archive.ts';
import { type UntarWorld, untarWorld } from './untar-world.ts';

let world: UntarWorld;

beforeEach(() => {
  world = untarWorld();
});
afterEach(() => world.close());

test('an archive that is cut at any block is refused', () => {
  const whole = tar(
    { path: 'd/' },
    pax({ mtime: '1.5' }),
    { path: 'd/f', content: 'x'.repeat(1200) },
    longName(`d/${'n'.repeat(150)}`),
    { path: 'short' },
  );
  const cuts = Array.from({ length: (whole.length - END.length) / 512 + 1 }, (_, i) => i * 512);

  const codes = cuts.map((at) => world.unpack(whole.subarray(0, at)).code);

  expect(codes).toEqual(cuts.map(() => 1));
  expect(world.unpack(whole).code).toBe(0);
});

test('an archive that is cut inside a block is refused', () => {
  const whole = tar({ path: 'f', content: 'x'.repeat(600) });

  const cut = [1, 100, 511, 700, 1500].map((at) => world.unpack(whole.subarray(0, at)).complaint);

  expect(new Set(cut.map((line) => line.replace(/^untar: (f: )?/, '')))).toEqual(new Set(['the archive is cut short']));
});

const BROKEN: readonly (readonly [name: string, archive: Buffer])[] = [
  ['an empty archive', Buffer.alloc(0)],
  ['something else', Buffer.from('#!/bin/sh\n'.repeat(100))],
  ['a wrong checksum', tar(Buffer.from(block({ path: 'f' })).fill('9', 148, 154))],
  ['a negative size', tar({ path: 'f', raw: [[124, Buffer.alloc(12, 0xff)]] })],
  ['a size that overflows', tar({ path: 'f', raw: [[124, Buffer.from(`80${'ff'.repeat(11)}`, 'hex')]] })],
  ['a size that is no number', tar({ path: 'f', raw: [[124, '12x45678901\0']] })],
  ['an owner that overflows', tar({ path: 'f', raw: [[108, Buffer.from('8000000100000000', 'hex')]] })],
  ['the owner -1', tar({ path: 'f', raw: [[108, Buffer.from('80000000ffffffff', 'hex')]] })],
  ['a size in an extended header that overflows', tar(pax({ size: '9223372036854775808' }), { path: 'f' })],
  ['a negative size in an extended header', tar(pax({ size: '-1' }), { path: 'f' })],
  ['a size in an extended header that is no number', tar(pax({ size: '1e3' }), { path: 'f' })],
  [
    'an extended header whose length lies',
    tar(block({ path: 'x', type: 'pax', content: '999 path=f\n' }), { path: 'f' }),
  ],
  ['an extended header without length', tar(block({ path: 'x', type: 'pax', content: 'path=f\n' }), { path: 'f' })],
  [
    'an extended header with a negative length',
    tar(block({ path: 'x', type: 'pax', content: '-11 path=f\n' }), { path: 'f' }),
  ],
  ['an extended header of 2 MiB', tar(pax({ comment: 'c'.repeat(2 << 20) }), { path: 'f' })],
  ['extended headers without end', tar(...Array.from({ length: 40 }, () => pax({ comment: 'again' })), { path: 'f' })],
  ['a name with a zero byte', tar(pax({ path: 'a\0b' }), { path: 'f' })],
  ['a name of 64 KiB', tar(longName('n'.repeat(65536)), { path: 'f' })],
  ['a path longer than 4096', tar(pax({ path: 'n/'.repeat(2100) }), { path: 'f' })],
  ['a name longer than 255', tar(pax({ path: 'n'.repeat(256) }), { path: 'f' })],
  ['a GNU sparse file', tar({ path: 'f', type: 'sparse' })],
  ['a sparse file of format 1.0', tar(pax({ 'GNU.sparse.major': '1', 'GNU.sparse.name': 'f' }), { path: 'f' })],
  ['an unknown type', tar({ path: 'f', raw: [[156, 'Z']] })],
  ['a device number out of range', tar({ path: 'f', type: 'block', device: [4096, 0] })],
  ['a file below a file', tar({ path: 'f', content: 'x' }, { path: 'f/g' })],
  ['a root that is a file', tar({ path: './', type: 'symlink', link: '/etc' })],
  [
    'links that lead in a circle',
    tar({ path: 'a', type: 'symlink', link: 'b' }, { path: 'b', type: 'symlink', link: 'a' }, { path: 'a/f' }),
  ],
];

test.each(BROKEN)('%s is refused with one line', (_name, archive) => {
  const before = world.outside();

  const { code, answer, complaint } = world.unpack(archive, '--devices');

  expect({ code, answer, lines: complaint.split('\n').length }).toEqual({ code: 1, answer: '', lines: 1 });
  expect(complaint).toMatch(/^untar: /);
  expect(world.outside()).toEqual(before);
});

test('a name with control characters can not write to the terminal', () => {
  const { complaint } = world.unpack(tar({ path: 'a\n\x1b[2J', type: 'sparse' }));

  expect(complaint).toBe('untar: a??[2J: entry of type S');
});

test('more bytes than allowed are refused before they are written', () => {
  const archive = tar({ path: 'a', content: 'x'.repeat(600) }, { path: 'b', content: 'y'.repeat(600) });

  const refused = world.unpack(archive, '--max-bytes=1000');

  expect(refused).toEqual({ code: 1, answer: '', complaint: 'untar: b: more than 1000 bytes' });
  expect(readdirSync(world.folder)).toEqual(['a']);
  expect(world.unpack(archive, '--max-bytes=1200')).toMatchObject({ code: 0, answer: 'ok 2 1200 0' });
});

test('data that is skipped counts as well: a whiteout of 8 GiB is seen at its header', () => {
  const { complaint } = world.unpack(
    tar({ path: '.wh.f', raw: [[124, '77777777777\0']] }),
    '--whiteouts=overlay',
    '--max-bytes=1000000',
  );

  expect(complaint).toContain('more than 1000000 bytes');
});

test('more entries than allowed are refused', () => {
  const archive = tar({ path: 'a/' }, { path: 'b/' }, { path: 'c/' });

  expect(world.unpack(archive, '--max-entries=2').complaint).toBe('untar: c/: more than 2 entries');
  expect(world.unpack(archive, '--max-entries=3').code).toBe(0);
});

test('data that goes on without end behind the end marker is refused', () => {
  const { code, complaint } = world.unpack(Buffer.concat([tar({ path: 'f' }), Buffer.alloc(80 << 20)]));

  expect({ code, complaint }).toEqual({
    code: 1,
    complaint: 'untar: data goes on after the end of the archive',
  });
});

test('padding behind the end marker is read to its end', () => {
  expect(world.unpack(Buffer.concat([tar({ path: 'f' }), Buffer.alloc(1 << 20)])).code).toBe(0);
});

test('many folders with long names are unpacked in little memory', () => {
  const name = Array.from({ length: 16 }, (_, i) => `${String.fromCharCode(97 + i)}`.repeat(200)).join('/');
  const archive = tar(
    ...Array.from({ length: 20_000 }, () => Buffer.concat([longName(`${name}/`), block({ path: 'd/' })])),
  );

  const run = spawnSync('/bin/sh', ['-c', `ulimit -v 98304 && exec "$0" untar "$1"`, executorPath(), world.folder], {
    input: archive,
    encoding: 'utf8',
  });

  expect(run).toMatchObject({ status: 0, stdout: 'ok 20000 0 0\n' });
  expect(existsSync(join(world.folder, name))).toBe(true);
});

test('unknown and malformed flags are refused', () => {
  expect(
    [['--nonsense'], ['--max-bytes=1k'], ['--max-entries=-1']].map((flags) => world.unpack(tar(), ...flags).code),
  ).toEqual([64, 64, 64]);
});
