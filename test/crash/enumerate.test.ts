/**
 * Every instant of an operation at which engine, command or monitors can be killed: killed there once, the same
 * command again, and all must be as if nothing had happened.
 *
 * `npm test` takes a subset, `npm run test:crash` all of them (BERTH_CRASH=whole).
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestWorld, testWorld } from '../e2e/test-world.ts';
import { type CrashPoint, type Operation, pointsOf, pointText, runWith, subsetOf } from './crash-world.ts';
import { type Expected, violations } from './invariants.ts';

const WHOLE = process.env.BERTH_CRASH === 'whole';
/** Of the points of an operation, how many are tried in the subset. */
const TRIED = 7;
const PORT = 18093;

let world: TestWorld;
beforeAll(() => {
  world = testWorld('crashes');
});
afterAll(() => world.close());

const SERVER = `require('node:http').createServer((q, s) => s.end(process.env.WORD)).listen(80)`;

function stack(word: string, replicas = 1): string {
  return `services:
  db:
    image: host
    command: sleep 1000
    volumes: [data:/data]
    healthcheck: {test: [CMD, "true"], interval: 5s}
  web:
    image: host
    init: false
    command: [node, -e, "process.on('SIGTERM', () => process.exit(0)); ${SERVER}"]
    environment: {WORD: ${word}}
    ports: ["${PORT}:80"]
    depends_on: {db: {condition: service_healthy}}
  worker:
    image: host
    command: sleep 1000
    scale: ${replicas}
volumes: {data: {}}
`;
}

function write(word: string, replicas = 1): void {
  world.write('stack.yaml', stack(word, replicas));
}

function bringUp(): void {
  write('one');
  const { code, stderr } = world.berth('up', '-d', '--wait');
  if (code !== 0) throw new Error(`the stack does not come up: ${stderr}`);
}

const UP: Operation = {
  name: 'up',
  prepare: () => {
    write('one');
    world.berth('down', '-v');
  },
  args: ['up', '-d', '--wait'],
};

const RECREATE: Operation = {
  name: 'recreate',
  prepare: () => {
    bringUp();
    write('two');
  },
  args: ['up', '-d', '--wait'],
};

const SCALE: Operation = {
  name: 'scale',
  prepare: () => {
    bringUp();
    write('one', 3);
  },
  args: ['up', '-d', '--wait'],
};

const DOWN: Operation = { name: 'down', prepare: bringUp, args: ['down', '-v'] };

const COUNTS = { db: 1, web: 1, worker: 1 };

function expectedAfter({ name }: Operation, pids: Readonly<Record<string, number>>): Expected {
  const word = name === 'recreate' ? 'two' : 'one';
  const answers = { [`http://127.0.0.1:${PORT}/`]: word };
  const running = name === 'scale' ? { ...COUNTS, worker: 3 } : COUNTS;
  const kept = name === 'recreate' ? ['crashes-db-1', 'crashes-worker-1'] : Object.keys(pids);
  return { running, answers, untouched: Object.fromEntries(kept.map((key) => [key, pids[key] ?? 0])) };
}

/** Those of containers that run; a killed monitor takes its container along, so of those nothing is expected. */
function pidsNow(): Record<string, number> {
  return Object.fromEntries(world.ps().map((row) => [row.Name, row.Pid]));
}

/** What breaks on the way is one more violation, told with what berth knows of it. */
function tryPoint(operation: Operation, point: CrashPoint): string[] {
  try {
    return crashAndRepeat(operation, point);
  } catch (error) {
    const events = world.berth('events', '--all', '--since', '20s').stdout;
    return [`${String(error)}\n${events}`];
  }
}

function crashAndRepeat(operation: Operation, point: CrashPoint): string[] {
  operation.prepare(world);
  const before = operation === UP || operation === DOWN ? {} : pidsNow();

  const killed = runWith(world, operation.args, { BERTH_FAILPOINT: pointText(point) });
  /* Its launcher still has the failpoint, for every monitor to come. */
  if (point.role === 'monitor') world.berth('engine', 'stop');
  const again = world.berth(...operation.args);

  if (again.code !== 0) return [`repeated, it ends with ${again.code}: ${again.stderr} (killed: ${killed.stderr})`];
  if (operation === DOWN) return world.leaks();
  return violations(world, expectedAfter(operation, before));
}

test.each([UP, RECREATE, SCALE, DOWN])(
  '$name, killed anywhere and repeated, converges',
  { timeout: 3_600_000 },
  (operation) => {
    const points = pointsOf(world, operation);
    const tried = WHOLE ? points : subsetOf(points, Math.max(1, Math.floor(points.length / TRIED)));
    const broken: string[] = [];

    for (const point of tried) {
      const found = tryPoint(operation, point);
      broken.push(...found.map((text) => `${pointText(point)}: ${text}`));
    }

    process.stdout.write(
      `crash points of ${operation.name}: ${points.length}, tried ${tried.length}, broken ${broken.length}\n`,
    );
    world.berth('down', '-v');
    expect(broken).toEqual([]);
    expect(tried.length).toBeGreaterThan(3);
    expect(world.leaks()).toEqual([]);
  },
);
