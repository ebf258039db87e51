import { expect, test } from 'vitest';
import { loadConfig } from '../../../src/stackfile/load-config.ts';
import { plainTree } from '../../../src/stackfile/model-lists.ts';
import { folderOf } from './stack-files.ts';

/** The service `web` in canonical form. */
function webOf(attributes: string, more = ''): unknown {
  const cwd = folderOf({ 'stack.yaml': `services: {web: {image: host, network_mode: none, ${attributes}}${more}}\n` });
  const { model } = loadConfig({ cwd, env: {}, files: [], profiles: [], envFiles: [] });
  const { services } = plainTree(model.tree) as { services: { web: Record<string, unknown> } };
  const { image: _, network_mode: __, ...web } = services.web;
  return web;
}

/* They stayed as they were written; `false` was left out. */
test('what may be text or something else is text', () => {
  expect(webOf('storage_opt: {size: 10, inode: 1.5, name: a}')).toEqual({
    storage_opt: { inode: '1.5', name: 'a', size: '10' },
  });
  expect(webOf('build: {provenance: false, sbom: true}')).toMatchObject({
    build: { provenance: 'false', sbom: 'true' },
  });
});

/* `depends_on: {}` was left. */
test('nothing is left of dependencies that may be missing and are', () => {
  const optional = '{condition: service_started, required: false}';

  expect(webOf(`depends_on: {db: ${optional}}`, ', db: {image: host, profiles: [off]}')).toEqual({});
});

/* A file that was named again was read again, over the ones between. */
test('a file of variables that is named twice has its first place', () => {
  const cwd = folderOf({
    'stack.yaml': 'services: {web: {image: host, env_file: [a.env, b.env, a.env]}}\n',
    'a.env': 'A=a\n',
    'b.env': 'A=b\n',
  });
  const { model } = loadConfig({ cwd, env: {}, files: [], profiles: [], envFiles: [] });

  expect(plainTree(model.tree)).toMatchObject({ services: { web: { environment: { A: 'b' } } } });
});

test('a volume in the short form has its part, empty as it is', () => {
  expect(webOf("volumes: ['/anon', {type: tmpfs, target: /t}, {type: tmpfs, target: /u, tmpfs: {size: 0}}]")).toEqual({
    volumes: [
      { type: 'volume', target: '/anon', volume: {} },
      { type: 'tmpfs', target: '/t' },
      { type: 'tmpfs', target: '/u', tmpfs: {} },
    ],
  });
});
