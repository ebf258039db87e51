import { expect, test } from 'vitest';
import { sortByDependency } from '../../../src/model/graph.ts';

const node = (name: string, ...after: string[]) => ({ name, after });

test('dependencies come first, otherwise the order stays', () => {
  const sorted = sortByDependency([node('web', 'api'), node('api', 'db'), node('db'), node('cron')]);

  expect(sorted.map((n) => n.name)).toEqual(['db', 'api', 'web', 'cron']);
});

test('a cycle is named from its first node round to it', () => {
  expect(() => sortByDependency([node('a', 'b'), node('b', 'c'), node('c', 'b')])).toThrow(
    'dependency cycle: b -> c -> b',
  );
});

test('an edge to an unknown name is passed over', () => {
  expect(sortByDependency([node('a', 'nobody')]).map((n) => n.name)).toEqual(['a']);
});
