import { expect, test } from 'vitest';
import { findVariables } from '../../../src/stackfile/find-variables.ts';
import { loadModel, type ModelRequest } from '../../../src/stackfile/load-model.ts';
import {
  allProfiles,
  hashesOf,
  imagesOf,
  keysOf,
  modelsOf,
  onlyServices,
  placeLines,
  plainTree,
} from '../../../src/stackfile/model-lists.ts';
import { printCanonical } from '../../../src/stackfile/print-canonical.ts';
import { folderOf } from './stack-files.ts';

const FILE = `services:
  web:
    image: nginx:\${TAG:-1}
    depends_on: [db]
    environment: [A=$$b, "C=\${NEEDED:?say it}", "D=\${ON:+yes}"]
  db: {build: .}
  debug: {image: busybox, profiles: [debug, all], models: [llm]}
models: {llm: {model: ai/model}}
volumes: {b: {}, a: {}}
`;

function model(request: Partial<ModelRequest> = {}) {
  const cwd = folderOf({ 'stack.yaml': FILE });
  return loadModel({ cwd, env: { NEEDED: 'x' }, files: [], profiles: [], envFiles: [], ...request });
}

/* Numbers, sizes and booleans that are variables were refused. */
test('variables that are left as they are may stand for anything', () => {
  const limits = 'mem_limit: "${M:-1g}", cpus: "${C}", privileged: "${P}", scale: "${S}"';
  const web = `${limits}, healthcheck: {test: a, interval: "$I"}`;
  const cwd = folderOf({ 'stack.yaml': `services: {web: {image: host, ${web}}}\n` });
  const { tree, findings } = loadModel({
    cwd,
    env: {},
    files: [],
    profiles: [],
    envFiles: [],
    skip: new Set(['variables']),
  });

  expect(findings.errors).toEqual([]);
  expect((plainTree(tree) as { services: unknown }).services).toEqual({
    web: {
      cpus: '${C}',
      healthcheck: { test: ['CMD-SHELL', 'a'], interval: '$I' },
      image: 'host',
      mem_limit: '${M:-1g}',
      networks: { default: null },
      privileged: '${P}',
      scale: '${S}',
    },
  });
  expect(findVariables(tree).map(({ name }) => name)).toEqual(['C', 'I', 'M', 'P', 'S']);
});

test('names of what takes part, profiles of everything', () => {
  const read = model();

  expect(keysOf(read, 'services')).toEqual(['db', 'web']);
  expect(keysOf(read, 'volumes')).toEqual(['a', 'b']);
  expect(keysOf(read, 'networks')).toEqual(['default']);
  expect(imagesOf(read)).toEqual(['shop-db', 'nginx:1']);
  expect(imagesOf(read, ['db'])).toEqual(['shop-db']);
  expect(modelsOf(read)).toEqual(['ai/model']);
  expect(allProfiles(read)).toEqual(['all', 'debug']);
});

test('a hash changes with the container, not with what only orders or builds it', () => {
  const [first] = hashesOf(model(), 'web');
  const [second] = hashesOf(model({ env: { NEEDED: 'x', TAG: '2' } }), 'web');

  expect(first).toMatch(/^web [0-9a-f]{64}$/);
  expect(second).not.toBe(first);
  expect(hashesOf(model(), '*')).toHaveLength(2);
  expect(() => hashesOf(model(), 'wbe')).toThrow('there is no service wbe');
});

test('variables with what the file says of them', () => {
  expect(findVariables(model({ skip: new Set(['variables']) }).tree)).toEqual([
    { name: 'NEEDED', required: true, byDefault: '', instead: '' },
    { name: 'ON', required: false, byDefault: '', instead: 'yes' },
    { name: 'TAG', required: false, byDefault: '1', instead: '' },
  ]);
});

test('a named service comes with those it needs', () => {
  const { tree } = model({ profiles: ['debug'] });

  expect(Object.keys((plainTree(onlyServices(tree, ['web'])) as { services: object }).services)).toEqual(['db', 'web']);
});

test('every value has its place, also what a short form and a variable meant', () => {
  const lines = placeLines(model(), (file) => file.replace(/.*\//, ''));

  expect(lines).toContain('services.web.image: stack.yaml:3:12');
  expect(lines).toContain('services.web.depends_on.db.condition: stack.yaml:4:18');
  expect(lines).toContain('services.web.environment.A: stack.yaml:5:19');
  expect(lines.filter((line) => !/: stack\.yaml:\d+:\d+$/.test(line))).toEqual([]);
});

test('steps can be left out, each alone', () => {
  const text = (skip: string) => printCanonical(plainTree(model({ skip: new Set([skip]) as never }).tree));

  expect(text('variables')).toContain('nginx:$${TAG:-1}');
  expect(text('defaults')).not.toContain('default');
  expect(text('paths')).toMatch(/context: "?\."?$/m);
  expect(text('consistency')).toContain('shop_default');
});

test('dollars are doubled where variables have been replaced; JSON says what docker compose says in it', () => {
  const read = model();

  expect(printCanonical(plainTree(read.tree))).toContain('A: $$b');
  const json = JSON.parse(printCanonical(plainTree(read.tree), { format: 'json' })) as never;
  expect(json).toMatchObject({
    services: { web: { command: null, entrypoint: null, environment: { A: '$$b' } } },
    networks: { default: { ipam: {} } },
  });
});
