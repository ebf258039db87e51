import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inputDigest, LISTING } from '../../../src/base/input-digest.ts';
import type { UpRequest } from '../../../src/engine/engine.ts';
import { receipts } from '../../../src/engine/receipts.ts';
import type { Service } from '../../../src/model/stack.ts';
import { service, stackOf } from '../../builders.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'berth-receipts-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function request(key: string, inputs: Record<string, string>, web: Service = service('web')): UpRequest {
  return { stack: stackOf(web), positions: {}, services: [], receipt: { key, inputs } };
}

test('a request is known as long as each of its inputs is what it was', () => {
  const path = join(folder, 'stack.yaml');
  const absent = join(folder, 'stack.override.yaml');
  writeFileSync(path, 'one');
  const known = receipts();
  const first = request('k', { [path]: inputDigest(path), [absent]: inputDigest(absent) });
  known.keep(first);

  expect(known.find('k')).toBe(first);
  expect(known.find('other')).toBeUndefined();
  writeFileSync(path, 'two');
  expect(known.find('k')).toBeUndefined();
  writeFileSync(path, 'one');
  expect(known.find('k')).toBe(first);
  writeFileSync(absent, '');
  expect(known.find('k')).toBeUndefined();
});

test('a link that leads elsewhere is another input, and so is a folder with other names when they count', () => {
  mkdirSync(join(folder, 'a'));
  mkdirSync(join(folder, 'b'));
  const link = join(folder, 'link');
  symlinkSync('a', link);
  const [place, names] = [inputDigest(link), inputDigest(`${link}${LISTING}`)];

  writeFileSync(join(folder, 'a/new'), '');
  expect(inputDigest(link)).toBe(place);
  expect(inputDigest(`${link}${LISTING}`)).not.toBe(names);
  rmSync(link);
  symlinkSync('b', link);
  expect(inputDigest(link)).not.toBe(place);
});

test('what is built, pulled anew or read from a pipe is not kept', () => {
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const known = receipts();
  known.keep(request('pulled', {}, service('web', { pullPolicy: 'always' })));
  known.keep({ ...request('asked', {}), pull: 'always' });

  expect([known.find('pulled'), known.find('asked')]).toEqual([undefined, undefined]);
  expect(inputDigest(pipe)).toMatch(/unknowable$/);
});

test('the oldest of many is forgotten', () => {
  const known = receipts();
  for (let index = 0; index < 21; index++) known.keep(request(`k${index}`, {}));

  expect(known.find('k0')).toBeUndefined();
  expect(known.find('k1')).toBeDefined();
});
