import { expect, test } from 'vitest';
import { readStackName } from '../../../src/stackfile/stack-name.ts';
import { faultsOf, folderOf, load } from './stack-files.ts';

const SERVICES = 'services: {web: {image: host}}\n';

type Sources = { name?: string; dotenv?: string; env?: Record<string, string>; projectName?: string };

test.each<[string, Sources, string]>([
  ['the folder', {}, 'shop'],
  ['the file', { name: 'name: written\n' }, 'written'],
  ['.env', { name: 'name: written\n', dotenv: 'COMPOSE_PROJECT_NAME=dotenv' }, 'dotenv'],
  ['the environment', { name: 'name: written\n', env: { COMPOSE_PROJECT_NAME: 'env' } }, 'env'],
  ['-p', { name: 'name: written\n', env: { COMPOSE_PROJECT_NAME: 'env' }, projectName: 'flag' }, 'flag'],
  ['a variable', { name: 'name: "${N:-given}"\n' }, 'given'],
])('the name comes from %s', async (_, { name = '', dotenv = '', ...request }, expected) => {
  const files = { 'stack.yaml': `${name}${SERVICES}`, '.env': dotenv };

  expect((await load(files, request)).stack.name).toBe(expected);
  expect(await readStackName({ cwd: folderOf(files), env: {}, files: [], ...request })).toBe(expected);
});

/* It used to be USAGE, without a place. */
test('a wrong name in the file is a fault of the file', async () => {
  expect(await faultsOf(`name: My Shop\n${SERVICES}`)).toMatchInlineSnapshot(
    `"stack.yaml:1:7 name: "My Shop" is no name for a stack (use lower-case letters, digits, - and _, beginning with a letter or digit: myshop)"`,
  );
  expect(await faultsOf(`name: 123\n${SERVICES}`)).toMatchInlineSnapshot(
    `"stack.yaml:1:7 name: name must be text, not 123 (put it in quotes: "123")"`,
  );
});

test('a wrong name of the caller is the fault of the call', async () => {
  expect(await faultsOf(SERVICES, { projectName: 'My Shop' })).toMatchInlineSnapshot(
    `"USAGE "My Shop" is no name for a stack"`,
  );
});

test('the name is known though the file has errors', async () => {
  const cwd = folderOf({ 'stack.yaml': 'name: broken\nservices: [\n' });

  expect(await readStackName({ cwd, env: {}, files: [] })).toBe('broken');
});
