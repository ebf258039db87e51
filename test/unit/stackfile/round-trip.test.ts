/**
 * Whatever is written, the canonical form means the same when it is read again.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { interpolate } from '../../../src/stackfile/interpolate.ts';
import { loadStack } from '../../../src/stackfile/load-stack.ts';
import { printCanonical } from '../../../src/stackfile/print-canonical.ts';
import { printYaml } from '../../../src/stackfile/print-yaml.ts';
import { folderOf } from './stack-files.ts';

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/);
/** Of printable characters, dollars doubled: what is meant is the text itself. */
const text = fc.string({ maxLength: 12 }).map((value) => value.replaceAll('$', '$$$$').replaceAll('\0', ''));
const mapping = fc.oneof(
  fc.dictionary(word, fc.oneof(text, fc.integer({ min: -9999, max: 9999 }), fc.boolean())),
  fc.array(fc.tuple(word, text).map(([key, value]) => `${key}=${value}`)),
);
const port = fc.integer({ min: 1, max: 60_000 });

const service = fc.record(
  {
    image: fc.constantFrom('host', 'nginx:1', 'ghcr.io/a/b@sha256:00'),
    command: fc.oneof(fc.array(text, { minLength: 1 }), word),
    environment: mapping,
    labels: mapping,
    ports: fc.uniqueArray(
      fc.oneof(
        port.map((p) => `${p}:80`),
        port.map((p) => `127.0.0.1:${p}:80/udp`),
        port.map((target) => ({ target, mode: 'host' })),
      ),
      { maxLength: 4, selector: (value) => JSON.stringify(value) },
    ),
    volumes: fc.constantFrom<unknown[][]>(
      [],
      ['data:/d:ro'],
      ['./x:/x', '/tmp:/t:rslave'],
      [{ type: 'tmpfs', target: '/r', tmpfs: { size: '1m', mode: 0o755 } }],
    ),
    healthcheck: fc.constantFrom({ test: 'true', interval: '1m30s' }, { test: ['NONE'] }, { disable: true }),
    deploy: fc.constantFrom({ replicas: 2 }, { resources: { limits: { cpus: '0.5', memory: '64m' } } }),
    mem_reservation: fc.constantFrom('64m', 1024, '1.5g'),
    init: fc.boolean(),
    tty: fc.boolean(),
    stop_grace_period: fc.constantFrom('0s', '90s', '1h', '250ms'),
    restart: fc.constantFrom('no', 'always', 'on-failure:3'),
    ulimits: fc.constantFrom({ nofile: 5 }, { nofile: { soft: 1, hard: 2 } }),
    extra_hosts: fc.constantFrom(['a:1.1.1.1', 'b=::1'], { a: ['1.1.1.1', '2.2.2.2'] }),
  },
  { requiredKeys: ['image'] },
);

async function read(file: string, cwd: string) {
  const request = { cwd, env: {}, files: [file], profiles: [], envFiles: [], readOnly: true };
  return await loadStack({ ...request, projectDir: cwd, projectName: 'shop' });
}

test('a stack is the same when its canonical form is read, as YAML and as JSON', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.dictionary(word, service, { minKeys: 1, maxKeys: 3 }), async (services) => {
      const cwd = folderOf({ 'stack.yaml': printYaml({ services, volumes: { data: {} } }) });
      const first = await read('stack.yaml', cwd);
      const { writeFileSync } = await import('node:fs');
      writeFileSync(`${cwd}/again.yaml`, printCanonical(first.canonical));
      writeFileSync(`${cwd}/again.json`, printCanonical(first.canonical, { format: 'json' }));

      for (const again of [await read('again.yaml', cwd), await read('again.json', cwd)]) {
        expect({ ...again.stack, files: [], services: byName(again.stack.services) }).toEqual({
          ...first.stack,
          files: [],
          services: byName(first.stack.services),
        });
        expect(again.canonical).toEqual(first.canonical);
      }
    }),
    { numRuns: 60 },
  );
});

function byName<T extends { readonly name: string }>(services: readonly T[]): T[] {
  return [...services].sort((a, b) => (a.name < b.name ? -1 : 1));
}

test('a file over itself, and over an empty one, is itself', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(service, async (web) => {
      const cwd = folderOf({
        'one.yaml': printYaml({ services: { web }, volumes: { data: {} } }),
        'empty.yaml': 'services: {web: {}}',
      });
      const load = async (files: string[]) =>
        (await loadStack({ cwd, env: {}, files, profiles: [], envFiles: [], readOnly: true })).canonical;

      const one = await load(['one.yaml']);

      expect(await load(['one.yaml', 'one.yaml'])).toEqual(one);
      expect(await load(['one.yaml', 'empty.yaml'])).toEqual(one);
      expect(await load(['empty.yaml', 'one.yaml'])).toEqual(one);
    }),
    { numRuns: 40 },
  );
});

test('text without dollars is left alone, doubled dollars become single ones', () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      const escaped = value.replaceAll('$', '$$$$');

      expect(interpolate(escaped, {})).toEqual({ kind: 'text', text: value, unset: [] });
    }),
  );
});

test('a variable is what it is set to, in every form, whatever that is', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1 }),
      fc.string().map((s) => s.replace(/[${}]/g, '')),
      (value, other) => {
        for (const form of ['$A', '${A}', `\${A:-${other}}`, `\${A-${other}}`, `\${A:?${other}}`, `\${B:-\${A}}`])
          expect(interpolate(form, { A: value })).toEqual({ kind: 'text', text: value, unset: [] });
        expect(interpolate(`\${A+${other}}`, { A: value })).toMatchObject({ text: other });
        expect(interpolate(`\${B+${other}}`, { A: value })).toMatchObject({ text: '' });
      },
    ),
  );
});
