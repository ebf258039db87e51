/** From a saved file to the new process, a burst of files, and what watching costs when nothing changes. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { median, run, spread } from './measure.mjs';
import { table, verdict } from './table.mjs';

const QUIET_MS = 50;
const PROGRAM = "trap 'exit 0' TERM; while :; do sleep 1000 & wait; done";

export async function watchBench({ folder, quick, berth, docker }) {
  const { command, env } = berth;
  const cwd = writeTree(join(folder, 'watched'), { files: 10_000, ignored: quick ? 10_000 : 100_000 });
  run(command('up', '-d'), { env, cwd });
  const engine = JSON.parse(run(command('engine', 'status', '--json'), { env, cwd })).Pid;
  const before = rssMiB(engine);
  const began = performance.now();
  run(command('up', '-d', '--watch'), { env, cwd });
  const readyMs = performance.now() - began;
  const grownMiB = rssMiB(engine) - before;
  const [{ folders, paths }] = JSON.parse(run(command('watch', '--status', '--json'), { env, cwd }));
  const events = follow(berth.socket, 'watched');
  const runs = quick ? 15 : 100;
  const restarts = await saves({ events, cwd, runs, file: 'src/d0/f0', until: isStart });
  const syncs = await saves({ events, cwd, runs, file: 'text/file', until: isSynced });
  const burst = await burstOf({ events, cwd, files: 5_000 });
  const idle = await idleTicks(engine, quick ? 3_000 : 10_000);
  events.close();
  run(command('down', '-t', '0'), { env, cwd });
  rmSync(cwd, { recursive: true });
  const compose = docker?.compose && spawnSync(docker.compose[0], [...docker.compose.slice(1), 'watch', '--help']);
  const peer = compose?.status === 0 ? 'not measured' : "not available (Debian's docker-compose has no watch)";
  return `## Files that are watched

${paths} paths in ${folders} watched folders; beside them a node_modules of ${quick ? '10,000' : '100,000'} files, which is not read. Above the
quiet time of ${QUIET_MS} ms; the program ends at SIGTERM.

${table(
  ['what', 'median', 'p99', 'docker compose watch'],
  [
    ['restart: from the save to the new program, ms', spread(restarts), percentile(restarts, 99).toFixed(0), peer],
    [
      'sync of one file: from the save to the file in the container, ms',
      spread(syncs),
      percentile(syncs, 99).toFixed(0),
      peer,
    ],
    ['`up -d --watch` of a stack that is up, until all is watched, ms', readyMs.toFixed(0), '', peer],
    ['actions for 5,000 files written in one go', burst, '', peer],
    ['what the engine grew by, MiB', grownMiB.toFixed(0), '', peer],
    ['processor time of the engine while nothing changes, ms a second', idle.toFixed(1), '', peer],
  ],
)}

${verdict('Save to new program, median in ms', median(restarts), 60)}

${verdict('Save to new program, 99th percentile in ms', percentile(restarts, 99), 150)}

${verdict('Save to synced file, median in ms', median(syncs), 30)}

${verdict('10,000 files until watched, in ms', readyMs, 2_000)}
`;
}

function writeTree(cwd, { files, ignored }) {
  const fill = (below, count, perFolder) => {
    for (let i = 0; i < count; i += 1) {
      if (i % perFolder === 0) mkdirSync(join(cwd, below, `d${i / perFolder}`), { recursive: true });
      writeFileSync(join(cwd, below, `d${Math.floor(i / perFolder)}/f${i}`), '');
    }
  };
  fill('src', files, 50);
  fill('src/node_modules', ignored, 50);
  mkdirSync(join(cwd, 'text'));
  writeFileSync(join(cwd, 'text/file'), '');
  const service = (name, rule) =>
    `  ${name}:\n    image: busybox\n    command: ["sh", "-c", "${PROGRAM}"]\n    develop: {watch: [${rule}]}\n`;
  const services = [
    service('app', '{path: ./src, action: restart}'),
    service('text', '{path: ./text, action: sync, target: /text}'),
  ];
  writeFileSync(join(cwd, 'stack.yaml'), `name: watched\nservices:\n${services.join('')}`);
  return cwd;
}

const isStart = (event) => event.type === 'container' && event.action === 'start' && event.service === 'app';
const isSynced = (event) => event.type === 'watch' && event.action === 'synced';
const isDone = (event) => event.type === 'watch' && event.action === 'restarted';

/** Milliseconds above the quiet time, by the engine's own note of when it was there. */
async function saves({ events, cwd, runs, file, until }) {
  const times = [];
  for (let i = 0; i < runs + 3; i += 1) {
    const next = events.next(until);
    const at = performance.timeOrigin + performance.now();
    writeFileSync(join(cwd, file), `${i}`);
    const event = await next;
    if (i >= 3) times.push(Date.parse(event.time) - at - QUIET_MS);
    /* A change that comes right after each start looks like the work of the service itself. */
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return times;
}

async function burstOf({ events, cwd, files }) {
  let actions = 0;
  const unlisten = events.listen((event) => {
    if (isDone(event)) actions += 1;
  });
  const next = events.next(isDone);
  const script = 'i=0; while [ $i -lt $1 ]; do echo > src/d$((i / 50))/f$i; i=$((i + 1)); done';
  run(['sh', '-c', script, 'sh', `${files}`], { cwd });
  await next;
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  unlisten();
  return actions;
}

/** Milliseconds of processor time a second. */
async function idleTicks(pid, forMs) {
  const ticks = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  const used = () => (Number(ticks()[11]) + Number(ticks()[12])) * 10;
  const before = used();
  await new Promise((resolve) => setTimeout(resolve, forMs));
  return ((used() - before) * 1_000) / forMs;
}

function rssMiB(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1_024;
}

function percentile(values, percent) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((sorted.length * percent) / 100) - 1)];
}

/** The engine's events as they come. */
function follow(socketPath, stack) {
  const listeners = new Set();
  let text = '';
  const call = request({ socketPath, path: `/v1/events?stack=${stack}&follow=1` }, (response) => {
    response.setEncoding('utf8').on('data', (part) => {
      const lines = (text + part).split('\n');
      text = lines.pop();
      for (const line of lines) for (const listener of [...listeners]) listener(JSON.parse(line));
    });
    response.on('error', () => {});
  });
  call.on('error', () => {});
  call.end();
  const listen = (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return {
    listen,
    next: (isMeant) =>
      new Promise((resolve) => {
        const unlisten = listen((event) => {
          if (!isMeant(event)) return;
          unlisten();
          resolve(event);
        });
      }),
    close: () => call.destroy(),
  };
}
