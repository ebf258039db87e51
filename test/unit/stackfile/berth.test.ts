import { expect, test } from 'vitest';
import { faultsOf, loadService } from './stack-files.ts';

test('x-berth.ready takes one or more of each check, in short and long form, and waits a minute', async () => {
  const { ready } = await loadService(
    'x-berth: {ready: {listen: [1, 2], tcp: 3, http: "http://localhost:4/a", log: up}}',
  );

  expect(ready).toEqual({
    checks: [
      { kind: 'listen', port: 1 },
      { kind: 'listen', port: 2 },
      { kind: 'tcp', port: 3 },
      { kind: 'http', port: 4, path: '/a', status: null },
      { kind: 'log', pattern: 'up' },
    ],
    timeoutMs: 60_000,
  });
});

test.each([
  ['8080', { port: 8080, path: '/' }],
  ['"8080/health?x=1"', { port: 8080, path: '/health?x=1' }],
  ['http://127.0.0.1/health', { port: 80, path: '/health' }],
  ['{port: 1, path: /b, status: 204}', { port: 1, path: '/b', status: 204 }],
])('ready.http %s', async (written, expected) => {
  const { ready } = await loadService(`x-berth: {ready: {http: ${written}}}`);

  expect(ready?.checks).toEqual([{ kind: 'http', status: null, ...expected }]);
});

test('on-unhealthy is a policy of its own, or stands beside another', async () => {
  const alone = await loadService('restart: on-unhealthy');
  const beside = await loadService('restart: always\nx-berth: {restart: on-unhealthy}');

  expect([alone.restart, alone.restartUnhealthy]).toEqual([{ kind: 'on-failure', maxRetries: null }, true]);
  expect([beside.restart, beside.restartUnhealthy]).toEqual([{ kind: 'always' }, true]);
});

test('deploy.restart_policy keeps its delay, attempts and window; any is its condition unless it says otherwise', async () => {
  const { restart } = await loadService('deploy: {restart_policy: {delay: 5s, max_attempts: 3, window: 2m}}');

  expect(restart).toEqual({ kind: 'deploy', condition: 'any', delayMs: 5000, maxAttempts: 3, windowMs: 120_000 });
});

test('watch: auto, alone or with a time of quiet, needs a bind mount', async () => {
  const alone = await loadService('volumes: ["./src:/src"]\nx-berth: {watch: auto}');
  const beside = await loadService('volumes: ["./src:/src"]\nx-berth: {watch: {auto: true, quiet: 1s}}');
  const without = await loadService('x-berth: {watch: {auto: false}}');
  const faults = await faultsOf({
    'stack.yaml': `services:
  web: {image: host, volumes: ["data:/data"], x-berth: {watch: auto}}
  other: {image: host, x-berth: {watch: always}}
volumes: {data: {}}
`,
  });

  expect(alone.watch).toEqual({ quietMs: 50, rules: [], auto: true });
  expect(beside.watch).toEqual({ quietMs: 1000, rules: [], auto: true });
  expect(without.watch).toBeUndefined();
  expect(faults).toMatchInlineSnapshot(`
    "stack.yaml:2:64 services.web.x-berth.watch: services.web has no bind mount whose files could be watched (add one under \`volumes\`, or write rules under \`develop.watch\`)
    stack.yaml:3:41 services.other.x-berth.watch: services.other.x-berth.watch must be one of auto, not "always""
  `);
});

test('what can not be watched is told with its place', async () => {
  const faults = await faultsOf({
    'stack.yaml': `services:
  web:
    image: host
    network_mode: none
    x-berth: {ready: {tcp: 80, log: "(", lissen: 1}, restart: sometimes}
`,
  });

  expect(faults).toMatchInlineSnapshot(`
    "stack.yaml:5:28 services.web.x-berth.ready.tcp: a service with network_mode none can not be reached from outside (use \`listen\`, which looks at its sockets)
    stack.yaml:5:37 services.web.x-berth.ready.log: "(" is no regular expression (put a \\ before ( ) [ ] { } * + ? .)
    stack.yaml:5:42 services.web.x-berth.ready.lissen: services.web.x-berth.ready has no attribute \`lissen\` (did you mean \`listen\`?)
    stack.yaml:5:63 services.web.x-berth.restart: services.web.x-berth.restart must be one of on-unhealthy, not "sometimes""
  `);
});
