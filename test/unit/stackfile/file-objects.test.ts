import { expect, test } from 'vitest';
import { faultsOf, load } from './stack-files.ts';

const FILE = `
services:
  web:
    image: host
    secrets: [{source: s, target: t, uid: "1000", gid: "7", mode: 0440}, v]
    configs: [{source: c, mode: "0o640"}, e]
secrets: {s: {file: ./s.txt}, v: {environment: TOKEN}}
configs: {c: {content: "a: 1"}, e: {environment: SETTING}}
`;

test('the value of a secret is beside the stack, never in it', async () => {
  const { stack, secrets } = await load(FILE, { projectDir: '/srv', env: { TOKEN: 'hush', SETTING: 'on' } });
  const again = await load(FILE, { projectDir: '/srv', env: { TOKEN: 'hush', SETTING: 'on' } });
  const changed = await load(FILE, { projectDir: '/srv', env: { TOKEN: 'other', SETTING: 'on' } });

  expect(secrets).toEqual({ v: 'hush' });
  expect(JSON.stringify(stack)).not.toContain('hush');
  expect(stack.services[0]!.mounts).toMatchObject([
    { of: 'secret', name: 's', target: '/run/secrets/t', uid: 1000, gid: 7, mode: 0o440, live: false },
    {
      of: 'secret',
      name: 'v',
      target: '/run/secrets/v',
      uid: 0,
      gid: 0,
      mode: 0o444,
      content: { kind: 'secret-value' },
    },
    { of: 'config', name: 'c', target: '/c', mode: 0o640, content: { kind: 'text', text: 'a: 1' } },
    { of: 'config', name: 'e', target: '/e', content: { kind: 'text', text: 'on' } },
  ]);
  expect(again.stack.services).toEqual(stack.services);
  expect(changed.stack.services).not.toEqual(stack.services);
});

test('a variable that is not set, and an owner that is no number, are told', async () => {
  expect(await faultsOf(FILE.replace('"1000"', 'me'), { env: { SETTING: 'on' } })).toMatchInlineSnapshot(`
    "stack.yaml:5:43 services.web.secrets[0].uid: "me" is no number of a user or group (give the number that it has in the image)
    stack.yaml:7:48 secrets.v.environment: the secret v needs the variable TOKEN, which is not set (set it: TOKEN=... berth up)"
  `);
});
