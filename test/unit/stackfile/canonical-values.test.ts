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
