import { expect, test } from 'vitest';
import { withKnownVariables } from '../../../src/engine/provided-variables.ts';
import type { Provider } from '../../../src/model/provider.ts';
import { service, stackOf } from '../../builders.ts';

const DB: Provider = { service: 'db', type: 'cloud', options: {}, after: [], dependants: ['web'], definition: {} };

test('variables of a provider that is not asked are those that its container has', () => {
  const web = { ...service('web'), environment: { OWN: 'new' } };
  const other = { ...service('other'), environment: {} };
  const known = { ...web, environment: { OWN: 'old', GONE: '1', DB_URL: 'x' }, provided: ['DB_URL'] };
  const containers = [{ service: 'web', definition: known }];

  const { services } = withKnownVariables(stackOf(web, other), [DB], containers);

  expect(services.map(({ environment, provided }) => ({ environment, provided }))).toEqual([
    { environment: { OWN: 'new', DB_URL: 'x' }, provided: ['DB_URL'] },
    { environment: {}, provided: undefined },
  ]);
  expect(withKnownVariables(stackOf(web), undefined, containers)).toEqual(stackOf(web));
});
