import { expect, test } from 'vitest';
import { faultsOf, load } from './stack-files.ts';

const BASE = `
services:
  base:
    image: host
    command: [a]
    environment: {A: 1, B: 1}
    env_file: base.env
    volumes: ["./data:/data", "named:/named"]
    cap_add: [NET_ADMIN]
`;

test('what is written wins over the base, maps are merged, lists add up', async () => {
  const { stack } = await load(`
services:
  base: {image: host, command: [a], environment: [A=1, B=1], cap_add: [NET_ADMIN], depends_on: [db]}
  middle: {extends: base, environment: {B: 2}}
  web: {extends: {service: middle}, command: [b], cap_add: [SYS_NICE]}
  db: {image: host}
`);

  const web = stack.services.find((service) => service.name === 'web');
  expect(web).toMatchObject({
    image: 'host',
    command: ['b'],
    environment: { A: '1', B: '2' },
    capAdd: ['NET_ADMIN', 'SYS_NICE'],
    dependsOn: [{ service: 'db' }],
  });
});

test('relative paths of another file start from its folder, and its lines are its own', async () => {
  const { stack, positions } = await load({
    'stack.yaml': 'services: {web: {extends: {file: deep/base.yaml, service: base}}}\nvolumes: {named: {}}\n',
    'deep/base.yaml': BASE,
    'deep/base.env': 'C=env\n',
  });

  const [web] = stack.services;
  expect(web!.environment).toEqual({ A: '1', B: '1', C: 'env' });
  expect(web!.mounts).toMatchObject([{ source: `${stack.projectDir}/deep/data` }, { kind: 'volume', source: 'named' }]);
  expect(positions['services.web.command[0]']).toEqual({
    file: `${stack.projectDir}/deep/base.yaml`,
    line: 5,
    col: 15,
  });
});

test('what can not be extended is told', async () => {
  const faults = await faultsOf({
    'stack.yaml': `
services:
  a: {extends: bsae}
  b: {extends: {file: none.yaml, service: x}}
  c: {extends: d}
  d: {extends: {service: c}}
  e: {extends: [x]}
  f: {extends: {file: base.yaml, service: bass}}
  base: {image: host}
`,
    'base.yaml': BASE,
  });

  expect(faults).toMatchInlineSnapshot(`
    "stack.yaml:3:16 services.a.extends: there is no service bsae to extend in SHOP/stack.yaml (did you mean base?)
    stack.yaml:4:16 services.b.extends: the file SHOP/none.yaml, which service b extends, does not exist
    stack.yaml:6:16 services.d.extends: service d extends itself, by way of c (remove one \`extends\`)
    stack.yaml:7:3 services.e: service e needs \`image\` or \`build\` (\`image: host\` runs programs of this machine)
    stack.yaml:7:16 services.e.extends: services.e.extends must be text, or a map, not a list (leave the dashes out: it takes \`KEY: VALUE\`)
    stack.yaml:8:16 services.f.extends: there is no service bass to extend in SHOP/base.yaml (did you mean base?)"
  `);
});
