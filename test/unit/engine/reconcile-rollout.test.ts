import { expect, test } from 'vitest';
import type { Desired } from '../../../src/engine/desired.ts';
import { printPlan } from '../../../src/engine/plan.ts';
import { reconcile } from '../../../src/engine/reconcile.ts';
import type { Rollout, Stack } from '../../../src/model/stack.ts';
import { running, service, stackOf } from '../../builders.ts';

const ROLLOUT: Rollout = {
  parallelism: 1,
  delayMs: 0,
  monitorMs: 0,
  maxFailureRatio: 0,
  failureAction: 'pause',
  order: 'stop-first',
};

function desiredOf(stack: Stack): Desired {
  return {
    stack,
    positions: {},
    imageIds: new Map(),
    selected: new Set(['web']),
    forceRecreate: false,
    noRecreate: false,
    removeOrphans: false,
    noStart: false,
    wait: false,
  };
}

function planFor(changes: Partial<Rollout>, replicas: number): string {
  const web = { ...service('web', { replicas, update: { ...ROLLOUT, ...changes } }), networks: [] };
  const old = { ...web, command: ['old'] };
  const stack = { ...stackOf(web), networks: [] };
  const containers = Array.from({ length: replicas }, (_, index) => running(old, { replica: index + 1, networks: [] }));
  return printPlan(reconcile(desiredOf(stack), { containers, networks: [], volumes: new Set() })).replaceAll(
    /command old -> sleep 100|, stack.yaml:\d+/g,
    'changed',
  );
}

test('one at a time: the second replica is stopped only when the first has settled', () => {
  expect(planFor({}, 2)).toMatchInlineSnapshot(`
    "[] -> #1 service:web:1 create-container (changed)
    [1] -> #2 service:web:1 stop-container (replaced by #1)
    [1,2] -> #3 service:web:1 start-container (created by #1)
    [3] -> #4 service:web:1 settle-container (the update goes on when it runs)
    [4] -> #5 service:web:1 remove-container (replaced by #1)
    [] -> #6 service:web:2 create-container (changed)
    [4,6] -> #7 service:web:2 stop-container (replaced by #6)
    [4,6,7] -> #8 service:web:2 start-container (created by #6)
    [8] -> #9 service:web:2 settle-container (the update goes on when it runs)
    [9] -> #10 service:web:2 remove-container (replaced by #6)"
  `);
});

test('start-first: the old container runs until the new one has settled', () => {
  expect(planFor({ order: 'start-first' }, 1)).toMatchInlineSnapshot(`
    "[] -> #1 service:web:1 create-container (changed)
    [1] -> #2 service:web:1 start-container (created by #1)
    [2] -> #3 service:web:1 settle-container (the update goes on when it runs)
    [3] -> #4 service:web:1 stop-container (replaced by #1)
    [4] -> #5 service:web:1 remove-container (replaced by #1)"
  `);
});

test('parallelism 2 of 3: the third waits for both of the first batch', () => {
  expect(planFor({ parallelism: 2 }, 3)).toContain('[4,9,11] -> #12 service:web:3 stop-container');
});

test.each([
  [{ failureAction: 'continue' }, [3, 3]],
  [{ maxFailureRatio: 0.5 }, [1, 1]],
  [{}, [0, 0]],
] as const)('with %j of three replicas so many may fail, at their start or after it', (changes, allowed) => {
  const web = { ...service('web', { replicas: 3, update: { ...ROLLOUT, ...changes } }), networks: [] };
  const stack = { ...stackOf(web), networks: [] };
  const containers = [running({ ...web, command: ['old'] }, { networks: [] })];

  const { steps } = reconcile(desiredOf(stack), { containers, networks: [], volumes: new Set() });

  const tolerant = steps.flatMap(({ op }) => ('allowedFailures' in op ? [op.allowedFailures] : []));
  expect(tolerant).toEqual(allowed);
});
