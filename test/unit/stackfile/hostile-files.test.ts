/**
 * Files that nobody wrote by hand: each is refused, or read, without taking the process along.
 *
 * What each may take of time and memory is in test/e2e/hostile-limits.test.ts.
 */
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BerthError } from '../../../src/base/errors.ts';
import { loadStack } from '../../../src/stackfile/load-stack.ts';
import { folderOf, load } from './stack-files.ts';

async function told(text: string): Promise<string> {
  return await load(text).then(
    ({ stack }) => `${stack.services.length} services`,
    (error: unknown) => (error instanceof BerthError ? `${error.code} ${error.message}` : `CRASH ${String(error)}`),
  );
}

const range = (n: number, line: (i: number) => string) => Array.from({ length: n }, (_, i) => line(i)).join('\n');
const LETTERS = 'abcdefghij';

const BOMBS: Readonly<Record<string, string>> = {
  'aliases of aliases': `a: &a [x]\n${range(9, (i) => `${LETTERS[i + 1]}: &${LETTERS[i + 1]} [${`*${LETTERS[i]},`.repeat(9)}]`)}`,
  'merges of merges': `x-0: &m0 {k: 1}\n${range(3000, (i) => `x-${i + 1}: &m${i + 1} {<<: *m${i}, k${i}: 1}`)}`,
};

test.each(Object.entries(BOMBS))('%s are refused', async (_, text) => {
  expect(await told(text)).toMatch(/^STACK_FILE_INVALID the file is too large once its aliases are resolved/);
});

test('an alias inside of what it stands for is told', async () => {
  expect(await told('services: &a\n  web: *a\n')).toContain('*a is inside of what it stands for');
  expect(await told('services: &a\n  web:\n    <<: *a\n')).toMatch(/^STACK_FILE_INVALID/);
});

const DEEP: Readonly<Record<string, string>> = {
  'open brackets': '['.repeat(100_000),
  'closed brackets': `a: ${'['.repeat(100_000)}${']'.repeat(100_000)}`,
  braces: `a: ${'{a: '.repeat(100_000)}`,
  indents: range(1900, (i) => `${' '.repeat(i)}a:`),
  dashes: `a:\n  ${'- '.repeat(20_000)}a`,
};

test.each(Object.entries(DEEP))('what is nested too deeply is refused: %s', { timeout: 30_000 }, async (_, text) => {
  expect(await told(text)).toMatch(
    /^STACK_FILE_INVALID (this is nested more than 200 deep|the file is too large|YAML: )/,
  );
});

test('a file of nothing but faults stops at some of them', async () => {
  expect(await told(`services:\n${range(5000, (i) => `  w${i}: {imag: x}`)}`)).toMatch(/ \(and 499 more\)$/);
});

test('long values are taken, too many documents and ports are not', { timeout: 30_000 }, async () => {
  expect(await told(`services: {web: {image: host, labels: {a: "${'x'.repeat(1_000_000)}"}}}`)).toBe('1 services');
  expect(await told('---\nservices: {}\n'.repeat(200))).toContain('more than 100 documents');
  expect(await told(`services:\n${range(20, (i) => `  w${i}: {image: host, ports: ["1-65535"]}`)}`)).toContain(
    'publishes more than 65536 ports',
  );
});

test('a file of 50 MB, one with NUL and a folder are refused before they are parsed', async () => {
  const cwd = folderOf({ 'stack.yaml': '', 'nul.yaml': 'services: {web: {image: "a\0b"}}' });
  truncateSync(join(cwd, 'stack.yaml'), 50 * 1024 * 1024);
  mkdirSync(join(cwd, 'folder'));
  const read = (file: string) =>
    loadStack({ cwd, env: {}, files: [file], profiles: [], envFiles: [] }).catch((error: Error) => error.message);

  expect(await read('stack.yaml')).toContain('is larger than 2 MiB');
  expect(await read('nul.yaml')).toContain('NUL');
  expect(await read('folder')).toContain('is a folder');
});

test('extends and depends_on in long chains and in circles', { timeout: 30_000 }, async () => {
  const chain = (of: string) => `services:\n  w0: {image: host}\n${range(800, (i) => `  w${i + 1}: {${of}w${i}}`)}`;

  expect(await told(chain('extends: '))).toBe('801 services');
  expect(await told(chain('image: host, network_mode: service:'))).toBe('801 services');
  expect(await told('services: {a: {extends: b}, b: {extends: a}}')).toContain('extends itself');
});

const PROTO = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'];

test.each(PROTO)('%s is a name like any other', async (name) => {
  const { stack, canonical } = await load(`
services:
  ${name}:
    image: host
    environment: {${name}: value}
    labels: {${name}: value}
    networks: [${name}]
    volumes: ["${name}:/d"]
    x-${name}: {${name}: 1}
networks: {${name}: {}}
volumes: {${name}: {}}
x-a: {${name}: 1}
`);

  const [service] = stack.services;
  expect(service?.name).toBe(name);
  expect(Object.entries(service!.environment)).toEqual([[name, 'value']]);
  expect(Object.entries(service!.labels)).toEqual([[name, 'value']]);
  expect(stack.networks.map((n) => n.key)).toEqual([name]);
  expect(Object.keys((canonical as { services: object }).services)).toEqual([name]);
  expect(({} as Record<string, unknown>).value).toBeUndefined();
});

test.each(PROTO)('%s as an attribute is none', async (name) => {
  expect(await told(`services: {web: {image: host, ${name}: {a: 1}}}`)).toContain(`has no attribute \`${name}\``);
  expect(await told(`${name}: {a: 1}\nservices: {web: {image: host}}`)).toContain(`has no attribute \`${name}\``);
});

test('files in a circle of links, and files that lead out of the folder', async () => {
  const cwd = folderOf({ 'stack.yaml': 'include: [loop.yaml]\nservices: {web: {image: host}}' });
  symlinkSync('loop.yaml', join(cwd, 'loop.yaml'));
  writeFileSync(join(cwd, '..', 'out.yaml'), 'include: [shop/again.yaml]\n');
  writeFileSync(join(cwd, 'again.yaml'), 'include: [../out.yaml]\n');
  const read = (file: string) =>
    loadStack({ cwd, env: {}, files: [file], profiles: [], envFiles: [] }).catch((error: Error) => error.message);

  expect(await read('stack.yaml')).toContain('does not exist');
  expect(await read('again.yaml')).toContain('includes itself');
});
