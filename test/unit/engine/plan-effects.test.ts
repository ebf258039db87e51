import { expect, test } from 'vitest';
import type { Plan } from '../../../src/engine/plan.ts';
import { type ContainerFacts, effectsOf } from '../../../src/engine/plan-effects.ts';
import { planLines } from '../../../src/ui/print-plan.ts';

const PLAN: Plan = {
  stack: 'shop',
  steps: [
    {
      id: 1,
      target: 'service:web:1',
      op: { kind: 'create-container', service: 'web', replica: 1, replaces: 'w' },
      why: 'image a -> b',
      after: [],
    },
    {
      id: 2,
      target: 'service:web:1',
      op: { kind: 'stop-container', id: 'w', name: 'web-1' },
      why: 'replaced',
      after: [1],
    },
    {
      id: 3,
      target: 'service:web:1',
      op: { kind: 'remove-container', id: 'w', name: 'web-1' },
      why: 'replaced',
      after: [2],
    },
    {
      id: 4,
      target: 'service:old:1',
      op: { kind: 'stop-container', id: 'o', name: 'old-1' },
      why: 'orphan',
      after: [],
    },
    {
      id: 5,
      target: 'service:old:1',
      op: { kind: 'remove-container', id: 'o', name: 'old-1' },
      why: 'orphan',
      after: [4],
    },
    { id: 6, target: 'volume:data', op: { kind: 'remove-volume', volume: 'shop_data' }, why: 'down', after: [5] },
  ],
};

function facts(name: string, changes: Partial<ContainerFacts>): ContainerFacts {
  return { name, graceMs: 10_000, hears: true, wroteFiles: false, anonymousVolumes: [], ...changes };
}

test('the effects name who stops, for how long at most, and every piece of data that goes', () => {
  const known = new Map([
    ['w', facts('web-1', { wroteFiles: true, anonymousVolumes: ['kept'] })],
    ['o', facts('old-1', { hears: false, anonymousVolumes: ['lost'] })],
  ]);

  const lines = planLines({ ...PLAN, effects: effectsOf(PLAN, known) });

  expect(lines.slice(PLAN.steps.length).join('\n')).toMatchInlineSnapshot(`
    "
    stops: web-1 is replaced; the gap is its end, at most 10s, and one start
    stops: old-1 stays down
    data that goes: files in the container web-1
    data that goes: anonymous volume lost
    data that goes: volume shop_data"
  `);
});

test('a container that can not hear its signal is a gap of one start', () => {
  const { stops } = effectsOf(PLAN, new Map([['w', facts('web-1', { hears: false })]]));

  expect(stops[0]).toMatchObject({ container: 'web-1', atMostMs: 0 });
});
