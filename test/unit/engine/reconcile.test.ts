import { expect, test } from 'vitest';
import type { Desired } from '../../../src/engine/desired.ts';
import type { Observed, ObservedContainer } from '../../../src/engine/observed.ts';
import { printPlan } from '../../../src/engine/plan.ts';
import { reconcile } from '../../../src/engine/reconcile.ts';
import type { NetworkRecord } from '../../../src/engine/records.ts';
import type { Service, Stack } from '../../../src/model/stack.ts';
import { needs, network, running, service, stackOf } from '../../builders.ts';

function desire(stack: Stack, changes: Partial<Desired> = {}): Desired {
  return {
    stack,
    positions: {},
    imageIds: new Map(stack.services.map((s) => [s.name, 'sha256:host'])),
    selected: new Set(stack.services.map((s) => s.name)),
    forceRecreate: false,
    noRecreate: false,
    removeOrphans: false,
    noStart: false,
    wait: false,
    ...changes,
  };
}

const NETWORK: NetworkRecord = {
  id: 'n1',
  name: 'shop_default',
  stack: 'shop',
  key: 'default',
  bridge: 'bt00001',
  definition: network('default'),
  subnets: [{ subnet: '172.31.255.0/24', gateway: '172.31.255.1', ipRange: null, auxAddresses: {} }],
  mtu: 1500,
  createdAt: '',
};

function observing(...containers: ObservedContainer[]): Observed {
  return { containers, networks: [NETWORK], volumes: new Set() };
}

const EMPTY: Observed = { containers: [], networks: [], volumes: new Set() };

test('a new stack: network, then every container at once, starts in order of dependency', () => {
  const stack = stackOf(service('db'), service('web', { dependsOn: [needs('db')] }));

  const plan = reconcile(desire(stack), EMPTY);

  expect(printPlan(plan)).toMatchInlineSnapshot(`
    "[] -> #1 network:default create-network (no network yet)
    [1] -> #2 service:db:1 create-container (no container yet)
    [2] -> #3 service:db:1 start-container (created by #2)
    [1] -> #4 service:web:1 create-container (no container yet)
    [3,4] -> #5 service:web:1 start-container (created by #4)"
  `);
});

test('an unchanged stack needs nothing', () => {
  const db = service('db');

  const plan = reconcile(desire(stackOf(db)), observing(running(db)));

  expect(printPlan(plan)).toBe('shop: nothing to do');
});

test('a dependant of a health check waits for it, in one step for all', () => {
  const db = service('db');
  const stack = stackOf(
    db,
    service('api', { dependsOn: [needs('db', 'service_healthy')] }),
    service('worker', { dependsOn: [needs('db', 'service_healthy')] }),
  );

  const plan = reconcile(desire(stack), observing(running(db, { health: 'starting' })));

  expect(printPlan(plan)).toMatchInlineSnapshot(`
    "[] -> #1 service:api:1 create-container (no container yet)
    [] -> #2 service:db wait-healthy (api, worker need it healthy)
    [1,2] -> #3 service:api:1 start-container (created by #1)
    [] -> #4 service:worker:1 create-container (no container yet)
    [2,4] -> #5 service:worker:1 start-container (created by #4)"
  `);
});

test('a changed service is replaced: the new container exists before the old one goes', () => {
  const before = service('web', { environment: { LOG_LEVEL: 'debug' } });
  const after = service('web', { environment: { LOG_LEVEL: 'info' } });
  const positions = { 'services.web.environment.LOG_LEVEL': { file: '/srv/shop/stack.yaml', line: 14, col: 7 } };

  const plan = reconcile(desire(stackOf(after), { positions }), observing(running(before)));

  expect(printPlan(plan)).toMatchInlineSnapshot(`
    "[] -> #1 service:web:1 create-container (environment.LOG_LEVEL debug -> info, stack.yaml:14)
    [1] -> #2 service:web:1 stop-container (replaced by #1)
    [1,2] -> #3 service:web:1 start-container (created by #1)
    [3] -> #4 service:web:1 remove-container (replaced by #1)"
  `);
});

test('the value of a secret-looking variable is not in the cause', () => {
  const before = service('web', { environment: { DB_PASSWORD: 'old-canary' } });
  const after = service('web', { environment: { DB_PASSWORD: 'new-canary' } });

  const text = printPlan(reconcile(desire(stackOf(after)), observing(running(before))));

  expect(text).toContain('environment.DB_PASSWORD (hidden) -> (hidden, changed)');
  expect(text).not.toContain('canary');
});

test('a changed label or restart policy is taken over without a restart', () => {
  const before = service('web');
  const after = service('web', { labels: { team: 'a' }, restart: { kind: 'always' } });

  const plan = reconcile(desire(stackOf(after)), observing(running(before)));

  expect(printPlan(plan)).toMatchInlineSnapshot(
    `"[] -> #1 service:web:1 update-container (labels.team unset -> a and 1 more; taken over without a restart)"`,
  );
});

test('scaling up and down touches only the difference', () => {
  const three = service('web', { replicas: 3 });
  const one = service('web', { replicas: 1 });

  const up = reconcile(desire(stackOf(three)), observing(running(one)));
  const down = reconcile(desire(stackOf(one)), observing(running(three), running(three, { replica: 2 })));

  expect(up.steps.map((s) => `${s.target} ${s.op.kind}`)).toEqual([
    'service:web:2 create-container',
    'service:web:2 start-container',
    'service:web:3 create-container',
    'service:web:3 start-container',
  ]);
  expect(down.steps.map((s) => `${s.target} ${s.op.kind}`)).toEqual([
    'service:web:2 stop-container',
    'service:web:2 remove-container',
  ]);
});

test('a service that has completed is not run again and named, awaited or not; one that failed or was ended is', () => {
  const migrate = service('migrate');
  const report = service('report');
  const web = service('web', { dependsOn: [needs('migrate', 'service_completed_successfully')] });
  const stack = stackOf(migrate, report, web);
  const at = '2026-01-01T00:00:00.000Z';
  const done = (s: Service) => running(s, { state: 'exited', exitCode: 0, completedAt: at });
  const failed = running(migrate, { state: 'exited', exitCode: 1 });
  const ended = running(report, { state: 'exited', exitCode: 0 });

  const unchanged = reconcile(desire(stack), observing(done(migrate), done(report), running(web)));
  const again = reconcile(desire(stack), observing(failed, ended, running(web)));
  const asked = reconcile(
    desire(stack, { rerun: new Set(['report']) }),
    observing(done(migrate), done(report), running(web)),
  );

  expect(unchanged).toEqual({
    stack: 'shop',
    steps: [],
    completed: [
      { target: 'service:migrate:1', at },
      { target: 'service:report:1', at },
    ],
  });
  expect(again.steps.map((s) => `${s.target} ${s.op.kind} (${s.why})`)).toEqual([
    'service:migrate:1 start-container (exited with code 1)',
    'service:report:1 start-container (exited with code 0)',
  ]);
  expect(asked.steps.map((s) => `${s.target} ${s.op.kind} (${s.why})`)).toEqual([
    `service:report:1 start-container (completed at ${at}, and another run was asked for)`,
  ]);
});

test('a changed definition and forced recreation run a completed service again, and those that need it wait', () => {
  const migrate = service('migrate');
  const web = service('web', { dependsOn: [needs('migrate', 'service_completed_successfully')] });
  const done = running(migrate, { state: 'exited', exitCode: 0, completedAt: '2026-01-01T00:00:00.000Z' });
  const changed = { ...migrate, command: ['other'] };

  const plan = reconcile(desire(stackOf(changed, web)), observing(done));
  const forced = reconcile(desire(stackOf(migrate), { forceRecreate: true }), observing(done));

  expect(printPlan(plan)).toMatchInlineSnapshot(`
    "[] -> #1 service:migrate:1 create-container (command sleep 100 -> other)
    [1] -> #2 service:migrate:1 start-container (created by #1)
    [2] -> #3 service:migrate:1 remove-container (replaced by #1)
    [] -> #4 service:web:1 create-container (no container yet)
    [2] -> #5 service:migrate wait-completed (web needs it completed)
    [4,5] -> #6 service:web:1 start-container (created by #4)"
  `);
  expect(forced.steps.map((s) => s.op.kind)).toEqual(['create-container', 'start-container', 'remove-container']);
});

test('an exited container is started again, with its exit code as the cause', () => {
  const web = service('web');

  const plan = reconcile(desire(stackOf(web)), observing(running(web, { state: 'exited', exitCode: 3 })));

  expect(printPlan(plan)).toBe('[] -> #1 service:web:1 start-container (exited with code 3)');
});

test('a changed network evicts its containers, is made anew, and they come back', () => {
  const web = service('web');
  const stack = { ...stackOf(web), networks: [network('default', { internal: true })] };

  const plan = reconcile(desire(stack), observing(running(web)));

  expect(printPlan(plan)).toMatchInlineSnapshot(`
    "[] -> #1 service:web:1 stop-container (its network default changes: internal false -> true)
    [1] -> #2 service:web:1 remove-container (its network default changes: internal false -> true)
    [2] -> #3 network:default remove-network (internal false -> true)
    [3] -> #4 network:default create-network (internal false -> true)
    [4] -> #5 service:web:1 create-container (its network is made anew)
    [5] -> #6 service:web:1 start-container (created by #5)"
  `);
});

test('orphans stay unless their removal is asked for', () => {
  const web = service('web');
  const old = service('old');
  const world = observing(running(web), running(old));

  const kept = reconcile(desire(stackOf(web)), world);
  const removed = reconcile(desire(stackOf(web), { removeOrphans: true }), world);

  expect(kept.steps).toEqual([]);
  expect(removed.steps.map((s) => `${s.target} ${s.op.kind}`)).toEqual([
    'service:old:1 stop-container',
    'service:old:1 remove-container',
  ]);
});

test('waiting ends a plan with one step for each service that is not there yet', () => {
  const db = service('db');
  const web = service('web');

  const plan = reconcile(desire(stackOf(db, web), { wait: true }), observing(running(db)));

  expect(plan.steps.filter((s) => s.op.kind === 'wait').map((s) => s.target)).toEqual(['service:web']);
});

test('a replacement that was cut short leaves two containers: the one that runs stays, the other goes', () => {
  const db = service('db');
  const unfinished: ObservedContainer = running(db, { id: 'db-unfinished', state: 'created' });

  const plan = reconcile(desire(stackOf(db)), observing(unfinished, running(db)));

  expect(printPlan(plan)).toMatchInlineSnapshot(
    `"[] -> #1 service:db:1 remove-container (left over beside shop-db-1's other container)"`,
  );
});

test('--remove-orphans leaves a one-off run that is under way alone, and takes one that has ended', () => {
  const db = service('db');
  const oneOffs = [
    running(db, { id: 'busy', name: 'busy', replica: 0, oneOff: true }),
    running(db, { id: 'done', name: 'done', replica: 0, oneOff: true, state: 'exited' }),
  ];

  const plan = reconcile(desire(stackOf(db), { removeOrphans: true }), observing(running(db), ...oneOffs));

  expect(printPlan(plan)).toMatchInlineSnapshot(
    `"[] -> #1 service:db:0 remove-container (left over from a one-off run)"`,
  );
});

test('what follows a service that is made anew is restarted once that is ready, and so are its own followers', () => {
  const db = service('db');
  const changed = { ...db, command: ['other'] };
  const follower = { ...needs('db', 'service_healthy'), restart: true };
  const web = service('web', { dependsOn: [follower] });
  const proxy = service('proxy', { dependsOn: [{ ...needs('web'), restart: true }] });
  const other = service('other', { dependsOn: [needs('db')] });
  const stopped = service('stopped', { dependsOn: [follower] });
  const stack = stackOf(changed, web, proxy, other, stopped);
  const positions = { 'services.web.depends_on.db.restart': { file: '/srv/shop/stack.yaml', line: 9, col: 7 } };
  const observed = observing(
    ...[db, web, proxy, other].map((s) => running(s)),
    running(stopped, { state: 'exited', exitCode: 0, completedAt: '2026-01-01T00:00:00.000Z' }),
  );

  const plan = reconcile(desire(stack, { positions }), observed);
  const only = reconcile(desire(stack, { positions, selected: new Set(['db']) }), observed);
  const unstarted = reconcile(desire(stack, { noStart: true }), observed);

  expect(printPlan(plan)).toMatchInlineSnapshot(`
    "[] -> #1 service:db:1 create-container (command sleep 100 -> other)
    [1] -> #2 service:db:1 stop-container (replaced by #1)
    [1,2] -> #3 service:db:1 start-container (created by #1)
    [3] -> #4 service:db:1 remove-container (replaced by #1)
    [3] -> #5 service:db wait-healthy (web, other, stopped need it healthy)
    [5] -> #6 service:web:1 stop-container (it follows db, which is made anew, stack.yaml:9)
    [5,6] -> #7 service:web:1 start-container (it follows db, which is made anew, stack.yaml:9)
    [7] -> #8 service:proxy:1 stop-container (it follows web, which is restarted)
    [7,8] -> #9 service:proxy:1 start-container (it follows web, which is restarted)"
  `);
  expect(printPlan(only)).toMatchInlineSnapshot(`
    "[] -> #1 service:db:1 create-container (command sleep 100 -> other)
    [1] -> #2 service:db:1 stop-container (replaced by #1)
    [1,2] -> #3 service:db:1 start-container (created by #1)
    [3] -> #4 service:db:1 remove-container (replaced by #1)
    [3] -> #5 service:db wait-healthy (web, other, stopped need it healthy)
    [5] -> #6 service:web:1 stop-container (it follows db, which is made anew, stack.yaml:9)
    [5,6] -> #7 service:web:1 start-container (it follows db, which is made anew, stack.yaml:9)
    [7] -> #8 service:proxy:1 stop-container (it follows web, which is restarted)
    [7,8] -> #9 service:proxy:1 start-container (it follows web, which is restarted)"
  `);
  expect(unstarted.steps.map((s) => s.target)).not.toContain('service:web:1');
});
