import { expect, test } from 'vitest';
import { faultsOf, load } from './stack-files.ts';

const MAIN = 'include: [team/stack.yaml]\nservices: {web: {image: host, depends_on: [db]}}\n';

test('services of an included file belong to the stack, with their own folder and .env', async () => {
  const { stack } = await load({
    'stack.yaml': MAIN,
    '.env': 'OUTER=outer\n',
    'team/stack.yaml': `
name: other
services: {db: {image: host, environment: {I: $INNER, O: $OUTER}, volumes: [./data:/data], secrets: [s]}}
secrets: {s: {file: s.txt}}
`,
    'team/.env': 'INNER=inner\nOUTER=hidden\n',
  });

  expect(stack.name).toBe('shop');
  expect(stack.services.map((service) => service.name)).toEqual(['db', 'web']);
  expect(stack.services[0]).toMatchObject({
    environment: { I: 'inner', O: 'outer' },
    mounts: [{ source: `${stack.projectDir}/team/data` }, { content: { path: `${stack.projectDir}/team/s.txt` } }],
  });
});

test('the long form: several files as one, another folder, another file of variables', async () => {
  const { stack } = await load({
    'stack.yaml': 'include: [{path: [a/one.yaml, a/two.yaml], project_directory: b, env_file: x.env}]\n',
    'a/one.yaml': 'services: {db: {image: host, user: $X, volumes: [./d:/d]}}\n',
    'a/two.yaml': 'services: {db: {user: "${X}2"}}\n',
    'x.env': 'X=me\n',
  });

  expect(stack.services[0]).toMatchObject({ user: 'me2', mounts: [{ source: `${stack.projectDir}/b/d` }] });
});

test('a later -f overrides what was included', async () => {
  const files = {
    'stack.yaml': MAIN,
    'stack.override.yaml': 'services: {db: {user: me}}\n',
    'team/stack.yaml': 'services: {db: {image: host}}\n',
  };

  const { stack } = await load(files);

  expect(stack.services.find((service) => service.name === 'db')?.user).toBe('me');
});

test('what can not be included is told', async () => {
  expect(
    await faultsOf({ 'stack.yaml': 'include: [none.yaml, {path: stack.yaml}, {path: {}}]\n' }),
  ).toMatchInlineSnapshot(
    `"stack.yaml:1:49 include[2].path: include[2].path must be text, or a list, not a map (begin each line of it with a dash: - ...)"`,
  );
  expect(
    await faultsOf({ 'stack.yaml': 'include:\n  - none.yaml\n  - stack.yaml\nservices: {web: {image: host}}\n' }),
  ).toMatchInlineSnapshot(`
    "stack.yaml:2:5 include[0]: SHOP/none.yaml, which is included, does not exist
    stack.yaml:3:5 include[1]: SHOP/stack.yaml includes itself (remove one \`include\`)"
  `);
});

/* It was refused; docker compose takes it. */
test('what both declare is merged, the including file over the other, with a warning', async () => {
  const team = 'services: {db: {image: host}, web: {image: other, user: me}}\n';
  const { stack, warnings } = await load({ 'stack.yaml': MAIN, 'team/stack.yaml': team });

  expect(stack.services.find((service) => service.name === 'web')).toMatchObject({ image: 'host', user: 'me' });
  expect(warnings.map(({ message }) => message)).toEqual([
    'service web is declared here and in a file that is included: this one wins',
  ]);
});

test('what is on another machine is to be fetched first: the line that names it is told', async () => {
  expect(await faultsOf('include: ["oci://docker.io/me/app"]\nservices: {web: {image: host}}')).toMatchInlineSnapshot(
    `"stack.yaml:1:11 include[0]: oci://docker.io/me/app is on another machine, and was not fetched"`,
  );
});
