import { expect, test } from 'vitest';
import type { ObservedContainer } from '../../../src/engine/observed.ts';
import { printPlan } from '../../../src/engine/plan.ts';
import { planResume } from '../../../src/engine/reconcile-resume.ts';
import { needs, running, service, stackOf } from '../../builders.ts';

const db = service('db');
const job = service('job', { dependsOn: [needs('db', 'service_healthy')] });
const web = service('web', {
  dependsOn: [needs('db', 'service_healthy'), needs('job', 'service_completed_successfully')],
});
const proxy = service('proxy', { dependsOn: [needs('web')] });
const stack = stackOf(db, job, web, proxy);

const resume = (containers: ObservedContainer[]) => {
  const due = containers.filter((c) => c.state === 'restarting').map((c) => c.id);
  return printPlan(planResume(stack, { containers, networks: [], volumes: new Set() }, new Set(due)));
};
const due = (s: typeof db) => running(s, { state: 'restarting' });

test('what is due is started in the order of its dependencies, each as soon as their conditions hold', () => {
  const plan = resume([due(proxy), due(web), due(job), due(db)]);

  expect(plan).toMatchInlineSnapshot(`
    "[] -> #1 service:db:1 start-container (its restart policy)
    [1] -> #2 service:db wait-healthy (others need it healthy)
    [2] -> #3 service:job:1 start-container (its restart policy)
    [3] -> #4 service:job wait-completed (others need it completed)
    [2,4] -> #5 service:web:1 start-container (its restart policy)
    [5] -> #6 service:proxy:1 start-container (its restart policy)"
  `);
});

test('a dependency that nothing starts is not waited for; one that runs already is', () => {
  const plan = resume([running(db), running(job, { state: 'exited', exitCode: 0 }), due(web), due(proxy)]);

  expect(plan).toMatchInlineSnapshot(`
    "[] -> #1 service:db wait-healthy (others need it healthy)
    [1] -> #2 service:web:1 start-container (its restart policy)
    [2] -> #3 service:proxy:1 start-container (its restart policy)"
  `);
});

test('containers of a stack without a record are started side by side', () => {
  const containers = [due(web), due(db)];

  const plan = planResume(stackOf(), { containers, networks: [], volumes: new Set() }, new Set(['web-1', 'db-1']));

  expect(plan.steps.map((s) => s.after)).toEqual([[], []]);
});
