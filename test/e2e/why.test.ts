import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { eventually, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;

beforeAll(() => {
  world = testWorld('why');
});
afterEach(() => {
  world.berth('down', '-v');
  expect(world.leaks()).toEqual([]);
});
afterAll(() => world.close());

type Event = {
  readonly action: string;
  readonly service: string;
  readonly event: number;
  readonly cause: number | null;
};

function events(): Event[] {
  const { stdout } = world.berth('events', '--since', '1h', '--json');
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Event);
}

const STACK = (word: string) => `services:
  db:
    image: host
    command: sleep 1000
    healthcheck: {test: [CMD, "true"]}
  web:
    image: host
    command: sh -c 'echo ${word}; sleep 1000'
    restart: on-failure
    depends_on: {db: {condition: service_healthy}}
`;

test('why names the changed field with its line, the dependency waited for, and who asked', () => {
  world.write('stack.yaml', STACK('one'));
  world.berth('up', '-d');
  const first = world.berth('why', 'web').stdout;
  world.write('stack.yaml', STACK('two'));
  world.berth('up', '-d');

  const second = world.berth('why', 'web').stdout;

  expect(first).toContain('why-web-1 was started: newly created');
  expect(first).toContain('after db was healthy: web needs it healthy');
  expect(first).toContain('because why-web-1 was created: no container yet');
  expect(first).toMatch(/because of `berth up -d` by \S+ \(pid \d+\)/);
  expect(second).toContain('because why-web-1 was created: command sh -c echo one');
  expect(second).toContain('stack.yaml:8');
});

test('a kill, the end it brought and the restart that did not follow are one chain; another end is not laid on berth', async () => {
  world.write('stack.yaml', STACK('one'));
  world.berth('up', '-d');
  world.berth('kill', '-s', 'KILL', 'web');

  const killed = world.berth('why', 'web').stdout;
  world.berth('start', 'web');
  process.kill(world.ps().find((row) => row.Service === 'web')!.Pid, 'SIGKILL');
  const restarted = await eventually(() => {
    const text = world.berth('why', 'web').stdout;
    return text.includes('was started: its restart policy') && text;
  });

  expect(killed).toContain('why-web-1 ended with exit code 137: the signal ended it');
  expect(killed).toContain('because why-web-1 was sent KILL: KILL was asked for');
  expect(restarted).toContain('because why-web-1 is to be restarted: restart policy on-failure');
  expect(restarted).toContain('signal 9 ended it, which berth did not send');
});

test('events outlive the engine, with every cause still there', () => {
  world.write('stack.yaml', STACK('one'));
  world.berth('up', '-d');
  const before = events().at(-1)!;
  process.kill(world.enginePid(), 'SIGKILL');

  world.berth('stop', 'web');
  const after = events();

  const known = new Set(after.map((event) => event.event));
  const die = after.findLast((event) => event.action === 'die' && event.service === 'web');
  expect(after.map((event) => event.event)).toContain(before.event);
  expect(new Set(after.map((event) => event.event)).size).toBe(after.length);
  expect(after.filter((event) => event.cause !== null && !known.has(event.cause))).toEqual([]);
  expect(after.find((event) => event.event === die?.cause)?.action).toBe('kill');
});
