import { expect, test } from 'vitest';
import { faultsOf, load } from './stack-files.ts';

const FILE = `
services:
  web: {image: host}
  debug: {image: host, profiles: [tools], depends_on: [store]}
  store: {image: host, profiles: [tools, other]}
`;

async function namesOf(request: Parameters<typeof load>[1]): Promise<string[]> {
  const { stack } = await load(FILE, request);
  return stack.services.map((service) => service.name);
}

test('services with profiles are off until one of theirs is on', async () => {
  expect(await namesOf({})).toEqual(['web']);
  expect(await namesOf({ profiles: ['other'] })).toEqual(['web', 'store']);
  expect(await namesOf({ profiles: ['*'] })).toEqual(['web', 'store', 'debug']);
  expect(await namesOf({ env: { COMPOSE_PROFILES: 'x, other' } })).toEqual(['web', 'store']);
  expect(await namesOf({ env: { COMPOSE_PROFILES: 'other' }, profiles: ['x'] })).toEqual(['web']);
});

/* Only the named one was on: what it depends on in the same profile was missing. */
test('naming a service switches its profiles on', async () => {
  expect(await namesOf({ services: ['debug'] })).toEqual(['web', 'store', 'debug']);
});

test('a dependency whose profiles are off is told', async () => {
  const file = FILE.replace('[tools, other]', '[other]');

  expect(await faultsOf(file, { services: ['debug'] })).toMatchInlineSnapshot(
    `"stack.yaml:4:56 services.debug.depends_on.store: service debug needs store, whose profiles are off (switch one on with --profile other)"`,
  );
});
