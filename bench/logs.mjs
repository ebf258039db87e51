/**
 * Logs: 10^5 lines a second from one container and from twenty, followed; the last lines of a large log, and a time in it.
 *
 * None lost, none out of order, the writers not held up.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { has, run, spread, timeCommand } from './measure.mjs';
import { table, verdict } from './table.mjs';

const LINES_PER_SECOND = 100_000;
const MANY = 20;
const GIB = 1024 ** 3;

export async function logBench(context) {
  const { folder, quick, berth } = context;
  const seconds = quick ? 5 : 30;
  const cwd = join(folder, 'logs');
  mkdirSync(cwd);
  const one = await follow(berth, cwd, { containers: 1, seconds });
  const many = await follow(berth, cwd, { containers: MANY, seconds });
  const large = largeLog(context, cwd);
  return `## Logs

${LINES_PER_SECOND.toLocaleString('en')} lines a second for ${seconds} s, while \`up\` follows: from one container, and from ${MANY} with files of 10 MiB, three each.

${table(
  ['what', 'one container', `${MANY} containers`],
  [
    ['lines written', one.total, many.total],
    ['followed', one.followed, many.followed],
    ['missing or out of order', one.wrong, many.wrong],
    ['the last writer behind its own clock at the end, s', one.lateSeconds.toFixed(2), many.lateSeconds.toFixed(2)],
  ],
)}

${verdict('Missing or out of order of one and of many', one.wrong + many.wrong, 0)}

${verdict('The writer behind its own clock at the end, in seconds', one.lateSeconds, 1)}

A log of 2 GiB in one file, whole processes:

${table(['what', 'ms'], large)}
`;
}

/** Follows writers of numbered lines from their first to their last. */
async function follow({ command, env }, cwd, { containers, seconds }) {
  const perSecond = LINES_PER_SECOND / containers;
  writeFileSync(join(cwd, 'stack.yaml'), stackOf({ containers, seconds, perSecond }));
  const [program, ...args] = command('up');
  const up = spawn(program, args, { env, cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  const next = new Map();
  let wrong = 0;
  let late = 0;
  let followed = 0;
  for await (const line of createInterface({ input: up.stdout })) {
    const [name, , kind, number] = line.split(/ +/);
    if (kind === 'late') late = Math.max(late, Number(number));
    if (kind !== 'line') continue;
    followed += 1;
    if (Number(number) !== (next.get(name) ?? 1)) wrong += 1;
    next.set(name, Number(number) + 1);
  }
  run(command('down', '-v'), { env, cwd });
  const total = seconds * LINES_PER_SECOND;
  return { total, followed, wrong: wrong + Math.abs(total - followed), lateSeconds: late / 1000 };
}

/** The writer keeps its own pace, and tells at the end how far it has been held up. */
function stackOf({ containers, seconds, perSecond }) {
  const script = `
    const fs = require('node:fs');
    const total = ${seconds * perSecond};
    const began = Date.now();
    let n = 0;
    const tick = () => {
      const due = Math.min(total, Math.floor((Date.now() - began) * ${perSecond / 1000}));
      let text = '';
      while (n < due) text += 'line ' + ++n + ' of a service that has a lot to say about what it does\\n';
      let bytes = Buffer.from(text);
      while (bytes.length > 0) bytes = bytes.subarray(fs.writeSync(1, bytes));
      if (n < total) setTimeout(tick, 5);
      else fs.writeSync(1, 'late ' + (Date.now() - began - ${seconds * 1000}) + '\\n');
    };
    tick();`;
  return `services:\n  writer:\n    image: host\n    scale: ${containers}\n    command: ["node", "-e", ${JSON.stringify(script)}]\n`;
}

/** Lines of a container that is gone, written where berth keeps them; and the same as lines of docker's where it is. */
function largeLog({ berth, docker, quick }, cwd) {
  const { command, env } = berth;
  writeFileSync(join(cwd, 'stack.yaml'), 'name: large\nservices: {web: {image: host, command: [sleep, "100000"]}}\n');
  /* An engine with nothing to look after would end between the runs. */
  run(command('up', '-d'), { env, cwd });
  const home = join(env.BERTH_DATA_ROOT, 'logs/large/web.1.00ff');
  mkdirSync(home, { recursive: true });
  const began = Date.parse('2026-01-01T00:00:00Z');
  const lines = fill(
    join(home, 'log'),
    2 * GIB,
    (n) =>
      `${new Date(began + n).toISOString().slice(0, -1)}000000Z stdout F line ${n} of a service that has a lot to say about what it does\n`,
  );
  const middle = new Date(began + Math.floor(lines / 2)).toISOString();
  const until = new Date(began + Math.floor(lines / 2) + 99).toISOString();
  const runs = quick ? 3 : 10;
  const options = { env, cwd, runs };
  const time = (...args) => spread(timeCommand(command('logs', ...args), options));
  const rows = [
    ['berth logs -n 100', time('-n', '100')],
    ...(has('curl')
      ? [['of it in the engine: HTTP request to the end of the answer', spread(requests(berth, runs))]]
      : []),
    ['berth logs --since T --until T, 100 lines in the middle', time('--since', middle, '--until', until)],
  ];
  run(command('down', '-v', '-t', '0'), { env, cwd });
  return [...rows, ...(docker ? dockerRows(docker, options) : [])];
}

function requests({ socket }, runs) {
  const ask = ['curl', '-s', '-o', '/dev/null', '-w', '%{time_total}', '--unix-socket', socket];
  return Array.from({ length: runs }, () => 1000 * Number(run([...ask, 'http://berth/v1/stacks/large/logs?tail=100'])));
}

/** A twentieth of it: docker's daemon takes its time to write them. */
function dockerRows({ env }, { runs }) {
  const lines = 1_000_000;
  run(
    [
      'docker',
      'run',
      '--name',
      'large',
      'busybox',
      'sh',
      '-c',
      `yes 'line of a service that has a lot to say about what it does' | head -n ${lines}`,
    ],
    { env, stdio: 'ignore' },
  );
  const stamps = run(['docker', 'logs', '-t', 'large'], { env })
    .trim()
    .split('\n')
    .map((line) => line.split(' ')[0]);
  const time = (...args) => spread(timeCommand(['docker', 'logs', ...args, 'large'], { env, runs }));
  const window = ['--since', stamps[lines / 2], '--until', stamps[lines / 2 + 99]];
  const rows = [
    ['docker logs -n 100, of 1,000,000 lines (0.1 GiB)', time('-n', '100')],
    ['docker logs --since T --until T, about 100 lines in the middle of them', time(...window)],
  ];
  run(['docker', 'rm', 'large'], { env });
  return rows;
}

function fill(path, size, lineOf) {
  const file = openSync(path, 'w');
  let n = 0;
  for (let written = 0; written < size; ) {
    let text = '';
    while (text.length < 4 * 1024 * 1024) text += lineOf(n++);
    written += writeSync(file, text);
  }
  closeSync(file);
  return n;
}
