import { expect, test } from 'vitest';
import type { HistoryEvent } from '../../../../src/engine/history/event.ts';
import { whyOf } from '../../../../src/engine/history/why.ts';
import { whyLines } from '../../../../src/ui/print-why.ts';

process.env.TZ = 'UTC';

function event(id: number, changes: Partial<HistoryEvent>): HistoryEvent {
  const time = new Date(Date.UTC(2026, 0, 2, 10, 0, id)).toISOString();
  const name = changes.service ? `shop-${changes.service}-1` : '';
  return {
    id,
    time,
    type: 'container',
    action: 'start',
    stack: 'shop',
    service: '',
    replica: 1,
    actor: { id: name, name },
    why: '',
    cause: null,
    after: [],
    attributes: {},
    ...changes,
  };
}

const UP = event(1, { type: 'command', action: 'up', why: '`berth up -d` by sam (pid 7)' });
const DB_HEALTHY = event(3, { service: 'db', action: 'health_status: healthy', why: 'its health check succeeded' });
const WAITED = event(4, {
  type: 'service',
  actor: { id: 'db', name: 'db' },
  service: 'db',
  action: 'healthy',
  why: 'web needs it healthy',
  cause: 1,
  after: [3],
});
const WEB_MADE = event(2, { service: 'web', action: 'create', why: 'image a -> b, stack.yaml:4', cause: 1 });
const WEB_UP = event(5, { service: 'web', why: 'newly created', cause: 2, after: [2, 4] });
const WEB_DEAD = event(6, {
  service: 'web',
  action: 'die',
  why: 'its program ended with exit code 3',
  cause: 5,
  attributes: { exitCode: '3' },
});
const EVENTS = [UP, WEB_MADE, DB_HEALTHY, WAITED, WEB_UP, WEB_DEAD];

test('a death leads back over the start, what it waited for, and the creation, to the command', () => {
  const chain = whyOf(EVENTS, (e) => e.service === 'web');

  expect(whyLines({ service: 'web', container: null, chain, lastLines: ['oh no'] }).join('\n')).toMatchInlineSnapshot(`
    "web has no container now
      shop-web-1 ended with exit code 3, 2026-01-02 10:00:06.000
        because shop-web-1 was started: newly created, 10:00:05.000
          after db was healthy: web needs it healthy, 10:00:04.000
            after shop-db-1 health_status: healthy: its health check succeeded, 10:00:03.000
            because of \`berth up -d\` by sam (pid 7), 10:00:01.000
          because shop-web-1 was created: image a -> b, stack.yaml:4, 10:00:02.000

    its last log lines:
      oh no"
  `);
});

test('causes that are no longer kept, and causes in a circle, end the chain', () => {
  const lost = [event(9, { service: 'web', cause: 8, after: [7] })];
  const circle = [event(1, { service: 'web', cause: 2 }), event(2, { service: 'db', action: 'die', cause: 1 })];

  expect(whyOf(lost, () => true)).toHaveLength(1);
  expect(whyOf(circle, (e) => e.service === 'web').map((link) => link.event.id)).toEqual([1, 2]);
});
