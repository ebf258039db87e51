import { expect, test } from 'vitest';
import { loadModel } from '../../../src/stackfile/load-model.ts';
import { readStackName } from '../../../src/stackfile/stack-name.ts';
import { plainValue, valueAt } from '../../../src/stackfile/tree.ts';
import { type Files, folderOf } from './stack-files.ts';

const SHOWN = 'services: {web: {image: "host:$A-$B-$C"}}\n';

type Asked = { readonly env?: Record<string, string>; readonly files?: string[]; readonly envFiles?: string[] };

/** What became of `$A-$B-$C`, and the name. */
async function shown(files: Files, { env = {}, files: named = [], envFiles = [] }: Asked = {}, below = '') {
  const request = { cwd: `${folderOf(files)}/${below}`, env, files: named, envFiles, profiles: [] };
  const { tree, name } = loadModel(request);
  const web = valueAt(valueAt(tree, 'services'), 'web');

  expect(await readStackName(request)).toBe(name);
  return [plainValue(valueAt(web, 'image')!), name];
}

/* Variables beside COMPOSE_FILE in `.env` were lost as soon as the file was in another folder. */
test('.env that names the stack file counts, before the one beside the stack file', async () => {
  const files = {
    '.env': 'COMPOSE_FILE=deploy/app.yaml\nA=here\nB=here\n',
    'deploy/.env': 'B=beside\nC=beside ${A}\n',
    'deploy/app.yaml': SHOWN,
  };

  expect(await shown(files)).toEqual(['host:here-here-beside here', 'deploy']);
  expect(await shown(files, { files: ['deploy/app.yaml'] })).toEqual(['host:-beside-beside ', 'deploy']);
  expect(await shown(files, { env: { A: 'env' } })).toEqual(['host:env-here-beside env', 'deploy']);
});

test('.env of the folder one stands in counts when the stack file is above', async () => {
  const files = { '.env': 'A=top\nB=top\n', 'stack.yaml': SHOWN, 'sub/.env': 'A=sub\n' };

  expect(await shown(files, {}, 'sub')).toEqual(['host:sub-top-', 'shop']);
});

/* `config` knew the name, `ps` and `down` did not. */
test('files that are asked for may name the stack and its files', async () => {
  const files = {
    'one.env': 'COMPOSE_FILE=other.yaml\nCOMPOSE_PROJECT_NAME=named\nA=1\nB=1\n',
    'two.env': 'B=2$A\n',
    '.env': 'C=no\n',
    'other.yaml': SHOWN,
  };

  expect(await shown(files, { envFiles: ['one.env', 'two.env'] })).toEqual(['host:1-21-', 'named']);
  expect(await shown(files, { env: { COMPOSE_ENV_FILES: 'one.env,two.env' } })).toEqual(['host:1-21-', 'named']);
  await expect(shown(files, { envFiles: ['none.env'] })).rejects.toThrow(/none.env does not exist/);
});

test('COMPOSE_DISABLE_ENV_FILE leaves every .env unread', async () => {
  const files = { '.env': 'A=1\nCOMPOSE_PROJECT_NAME=x\n', 'stack.yaml': SHOWN };

  expect(await shown(files, { env: { COMPOSE_DISABLE_ENV_FILE: 'true' } })).toEqual(['host:--', 'shop']);
});
