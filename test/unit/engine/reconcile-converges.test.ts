/**
 * Property: whatever is edited, carrying out the plan leaves nothing to plan.
 *
 * The plan is carried out on the snapshot itself, by the meaning of each op.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Desired } from '../../../src/engine/desired.ts';
import type { Observed, ObservedContainer } from '../../../src/engine/observed.ts';
import type { Op, Plan } from '../../../src/engine/plan.ts';
import { reconcile } from '../../../src/engine/reconcile.ts';
import type { Dependency, Service, Stack } from '../../../src/model/stack.ts';
import { needs, service, stackOf } from '../../builders.ts';

const NAMES = ['a', 'b', 'c', 'd'];

const anyService = (index: number): fc.Arbitrary<Service> =>
  fc
    .record({
      command: fc.constantFrom(['sleep', '1'], ['sleep', '2']),
      level: fc.constantFrom('debug', 'info'),
      label: fc.constantFrom('x', 'y'),
      replicas: fc.integer({ min: 0, max: 3 }),
      on: fc.subarray(NAMES.slice(0, index)),
      condition: fc.constantFrom<Dependency['condition']>('service_started', 'service_healthy'),
      restart: fc.boolean(),
    })
    .map(({ command, level, label, replicas, on, condition, restart }) =>
      service(NAMES[index]!, {
        command,
        replicas,
        environment: { LEVEL: level },
        labels: { label },
        healthcheck: HEALTH,
        dependsOn: on.map((name) => ({ ...needs(name, condition), restart })),
      }),
    );

const HEALTH: Service['healthcheck'] = {
  test: { kind: 'exec', argv: ['true'] },
  intervalMs: 1000,
  timeoutMs: 1000,
  retries: 1,
  startPeriodMs: 0,
  startIntervalMs: 1000,
} as Service['healthcheck'];

const anyStack: fc.Arbitrary<Stack> = fc
  .tuple(...NAMES.map((_, index) => fc.option(anyService(index), { nil: undefined })))
  .map((services) => {
    const there = services.filter((s) => s !== undefined);
    const names = new Set(there.map((s) => s.name));
    return stackOf(...there.map((s) => ({ ...s, dependsOn: s.dependsOn.filter((d) => names.has(d.service)) })));
  });

function desire(stack: Stack): Desired {
  return {
    stack,
    positions: {},
    imageIds: new Map(stack.services.map((s) => [s.name, 'image'])),
    selected: new Set(stack.services.map((s) => s.name)),
    forceRecreate: false,
    noRecreate: false,
    removeOrphans: true,
    noStart: false,
    wait: false,
  };
}

/** The snapshot after a plan, each op done as its name says, in the order of the steps' edges. */
function carryOut(plan: Plan, stack: Stack, before: Observed): Observed {
  const done = new Set<number>();
  let world = before;
  for (let rest = [...plan.steps]; rest.length > 0; ) {
    const next = rest.find((step) => step.after.every((id) => done.has(id)));
    if (!next) throw new Error(`steps wait for each other: ${rest.map((s) => s.id).join(', ')}`);
    world = apply(world, next.op, stack);
    done.add(next.id);
    rest = rest.filter((step) => step !== next);
  }
  return world;
}

function apply(world: Observed, op: Op, stack: Stack): Observed {
  const change = (id: string, changes: Partial<ObservedContainer>) => ({
    ...world,
    containers: world.containers.map((c) => (c.id === id ? { ...c, ...changes } : c)),
  });
  const definitionOf = (name: string) => stack.services.find((s) => s.name === name)!;
  switch (op.kind) {
    case 'create-container': {
      const made = {
        id: `${op.service}-${op.replica}-${Math.random()}`,
        name: `${op.service}-${op.replica}`,
        service: op.service,
        replica: op.replica,
        oneOff: false,
        definition: definitionOf(op.service),
        imageId: 'image',
        state: 'created',
        health: '',
        exitCode: null,
        completedAt: null,
        networks: [],
      } as const;
      return { ...world, containers: [...world.containers, made] };
    }
    case 'start-container': {
      const id =
        op.id ??
        world.containers.findLast((c) => c.service === op.service && c.replica === op.replica && c.state === 'created')!
          .id;
      return change(id, { state: 'running', health: 'healthy' });
    }
    case 'update-container':
      return change(op.id, { definition: definitionOf(op.service) });
    case 'stop-container':
      return change(op.id, { state: 'exited', exitCode: 0 });
    case 'remove-container':
      return { ...world, containers: world.containers.filter((c) => c.id !== op.id) };
    default:
      return world;
  }
}

const EMPTY: Observed = { containers: [], networks: [], volumes: new Set() };
const withoutNetworks = (stack: Stack): Stack => ({ ...stack, networks: [] });

test('after any sequence of edits, a plan that was carried out leaves nothing to plan, and touches only what changed', () => {
  fc.assert(
    fc.property(fc.array(anyStack, { minLength: 1, maxLength: 5 }), (stacks) => {
      let world = EMPTY;
      for (const stack of stacks.map(withoutNetworks)) {
        const before = world;
        const plan = reconcile(desire(stack), before);

        world = carryOut(plan, stack, before);

        expect(reconcile(desire(stack), world).steps).toEqual([]);
        for (const old of before.containers.filter((c) => sameAs(stack, c)))
          expect(world.containers).toContainEqual(expect.objectContaining({ id: old.id }));
      }
    }),
    { numRuns: 500 },
  );
});

function sameAs(stack: Stack, container: ObservedContainer): boolean {
  const now = stack.services.find((s) => s.name === container.service);
  return (
    now !== undefined &&
    container.replica <= now.replicas &&
    JSON.stringify([now.command, now.environment]) ===
      JSON.stringify([container.definition.command, container.definition.environment])
  );
}
