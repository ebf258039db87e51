import { expect, test } from 'vitest';
import { faultsOf, load } from './stack-files.ts';

test('providers are beside the stack, in the order in which they are asked', async () => {
  const { stack, providers } = await load(`
services:
  web: {image: host, depends_on: [db, cache]}
  db: {provider: {type: cloud, options: {size: 10, tags: [a, b]}}, depends_on: [account]}
  cache: {image: host}
  account: {provider: {type: cloud}}
`);

  expect(stack.services.map(({ name, dependsOn }) => [name, dependsOn.map((d) => d.service)])).toEqual([
    ['cache', []],
    ['web', ['cache']],
  ]);
  expect(providers.map(({ definition: _, ...provider }) => provider)).toEqual([
    { service: 'account', type: 'cloud', options: {}, after: [], dependants: ['db'] },
    {
      service: 'db',
      type: 'cloud',
      options: { size: ['10'], tags: ['a', 'b'] },
      after: ['account'],
      dependants: ['web'],
    },
  ]);
});

test('what a provider can not be or give is told at its line', async () => {
  const faults = await faultsOf(`
services:
  web: {image: host, network_mode: service:db}
  api: {image: host, links: [db], volumes_from: [db]}
  db: {provider: {type: compose}, depends_on: [back]}
  back: {image: host}
  bad: {provider: {options: {a: 1}}}
`);

  expect(faults.split('\n').map((line) => line.replace(/ \(.*/, ''))).toMatchInlineSnapshot(`
    [
      "stack.yaml:3:36 services.web.network_mode: service db has a provider: there is no container for \`network_mode\` of web",
      "stack.yaml:4:29 services.api.links: service db has a provider: there is no container for \`links\` of api",
      "stack.yaml:4:49 services.api.volumes_from: service db has a provider: there is no container for \`volumes_from\` of api",
      "stack.yaml:5:25 services.db.provider.type: "compose" is no provider",
      "stack.yaml:5:48 services.db.depends_on.back: service db has a provider, which is asked before any container starts: it can not need back",
      "stack.yaml:7:19 services.bad.provider: services.bad.provider needs \`type\`",
    ]
  `);
});
