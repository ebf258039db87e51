/** What is done to a stack that is up, beside docker compose; and how soon a dependant starts. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median, run, spread, timeCommand } from './measure.mjs';
import { table, verdict } from './table.mjs';
import { writeStack } from './worlds.mjs';

export async function lifecycleBench({ folder, quick, berth, docker }) {
  const one = writeStack(join(folder, 'lifecycle'), 1);
  const ten = writeStack(join(folder, 'deaf'), 10);
  const own = measure(ours(berth), { one, ten, runs: quick ? 5 : 15 });
  const peer = docker?.compose && measure(theirs(docker), { one, ten, runs: quick ? 1 : 3 });
  const unchanged = unchangedHundred(berth, writeStack(join(folder, 'many'), 100), quick ? 5 : 15);
  const gaps = readyToStart(berth, join(folder, 'ready'), quick ? 5 : 20);
  return `## Lifecycle

${table(
  ['what, ms', 'berth', ...(peer ? [docker.compose.join(' '), 'ratio'] : [])],
  [
    row('restart -t 0 of a service', 'restart', own, peer),
    row('up -d after one changed variable: the container is made anew', 'changed', own, peer),
    row('down of ten services that can not hear SIGTERM, default grace', 'down', own, peer),
  ],
)}

${table(
  ['what, ms', 'berth'],
  [
    ['node -e 0', spread(unchanged.node)],
    ['ps, 100 containers', spread(unchanged.ps)],
    ['up -d, nothing changed, 100 containers', spread(unchanged.up)],
    ...Object.entries(gaps).map(([kind, values]) => [
      `from "${kind}" to the start of what waits for it`,
      spread(values),
    ]),
  ],
)}

${peer ? verdicts(own, peer) : 'No docker compose on this machine: no ratio.\n'}
${verdict('`ps` with 100 containers as a multiple of `node -e 0`', median(unchanged.ps) / median(unchanged.node), 3)}

${verdict('`up -d` unchanged with 100 containers as a multiple of `node -e 0`', median(unchanged.up) / median(unchanged.node), 3)}

${verdict('From ready to started, the slowest median, in ms', Math.max(...Object.values(gaps).map(median)), 10)}
`;
}

function row(text, key, own, peer) {
  const ratio = () => (median(own[key]) / median(peer[key])).toFixed(3);
  return [text, spread(own[key]), ...(peer ? [spread(peer[key]), ratio()] : [])];
}

function verdicts(own, peer) {
  const ratio = (key) => median(own[key]) / median(peer[key]);
  return `${verdict('restart -t 0 as a part of theirs', ratio('restart'), 0.33)}

${verdict('recreate after one changed variable as a part of theirs', ratio('changed'), 0.33)}

${verdict('down of deaf services as a part of theirs', ratio('down'), 0.05)}
`;
}

function ours({ command, env }) {
  return { command: (file, ...args) => command('-f', file === 'a' ? 'stack.yaml' : 'changed.yaml', ...args), env };
}

function theirs({ compose, env }) {
  const files = { a: 'docker-compose.yml', b: 'changed-compose.yml' };
  return { command: (file, ...args) => [...compose, '-p', 'peer', '-f', files[file], ...args], env };
}

function measure({ command, env }, { one, ten, runs }) {
  const options = { env, cwd: one, runs };
  writeChanged(one);
  run(command('a', 'up', '-d'), { env, cwd: one });
  const restart = timeCommand(command('a', 'restart', '-t', '0'), options);
  const changed = timeCommand(command('b', 'up', '-d', '-t', '0'), {
    ...options,
    prepare: () => run(command('a', 'up', '-d', '-t', '0'), { env, cwd: one }),
  });
  run(command('a', 'down', '-t', '0'), { env, cwd: one });
  const down = timeCommand(command('a', 'down'), {
    env,
    cwd: ten,
    runs: Math.min(runs, 3),
    warm: 0,
    prepare: () => run(command('a', 'up', '-d'), { env, cwd: ten }),
  });
  return { restart, changed, down };
}

/** The same service with one variable. */
function writeChanged(folder) {
  const service = (more) =>
    `services:\n  s1:\n    image: busybox\n${more}    command: ["sleep", "100000"]\n    environment: {LEVEL: debug}\n`;
  writeFileSync(join(folder, 'changed.yaml'), service('    init: false\n'));
  writeFileSync(join(folder, 'changed-compose.yml'), `version: "3"\n${service('')}`);
}

function unchangedHundred({ command, env }, cwd, runs) {
  const options = { env, cwd, runs, warm: 2 };
  run(command('up', '-d'), { env, cwd });
  const node = timeCommand(['node', '-e', '0'], options);
  const ps = timeCommand(command('ps'), options);
  const up = timeCommand(command('up', '-d'), options);
  run(command('down'), { env, cwd });
  return { node, ps, up };
}

const READY = `services:
  logs: {image: busybox, command: [sh, -c, "sleep 1; echo ready; sleep 1000"], x-berth: {ready: {log: ready}}}
  checked: {image: busybox, command: [sleep, "1000"], healthcheck: {test: [CMD, "true"], interval: 1s}}
  job: {image: busybox, command: [sleep, "1"]}
  a: {image: busybox, command: [sleep, "1000"], depends_on: {logs: {condition: service_healthy}}}
  b: {image: busybox, command: [sleep, "1000"], depends_on: {checked: {condition: service_healthy}}}
  c: {image: busybox, command: [sleep, "1000"], depends_on: {job: {condition: service_completed_successfully}}}
`;
const PAIRS = [
  ['x-berth.ready', 'logs', 'health_status: healthy', 'a'],
  ['healthy', 'checked', 'health_status: healthy', 'b'],
  ['completed', 'job', 'die', 'c'],
];

/** Of the event log: from what made it ready to the start's own event, which comes when the program has been exec'd. */
function readyToStart({ command, env }, cwd, runs) {
  mkdirSync(cwd);
  writeFileSync(join(cwd, 'stack.yaml'), READY);
  for (let count = 0; count < runs; count++) {
    run(command('up', '-d', '--wait'), { env, cwd });
    run(command('down', '-t', '0'), { env, cwd });
  }
  const events = run(command('events', '--since', '1h', '--json'), { env, cwd })
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter((event) => event.stack === 'ready');
  return Object.fromEntries(PAIRS.map(([kind, on, action, by]) => [kind, gapsOf(events, { on, action, by })]));
}

function gapsOf(events, { on, action, by }) {
  let readyAt;
  return events.flatMap((event) => {
    if (event.service === on && event.action === action && readyAt === undefined) readyAt = Date.parse(event.time);
    if (event.service !== by || event.action !== 'start' || readyAt === undefined) return [];
    const gap = Date.parse(event.time) - readyAt;
    readyAt = undefined;
    return [gap];
  });
}
