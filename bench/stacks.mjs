/** up and down of stacks of 10 and 100 services, beside docker compose. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { join } from 'node:path';
import { median, run, spread, timeCommand } from './measure.mjs';
import { table, verdict } from './table.mjs';
import { writeStack } from './worlds.mjs';

export async function stackBenches({ folder, quick, berth, docker }) {
  const runs = quick ? 3 : 9;
  const ten = ours(berth, writeStack(join(folder, 'ten'), 10), runs);
  const hundred = ours(berth, writeStack(join(folder, 'hundred'), 100), quick ? 1 : 3);
  const during = await answersDuringUp(berth, join(folder, 'hundred'));
  const peer = docker?.compose && theirs(docker, join(folder, 'ten'), quick ? 1 : 3);
  const perService = median(hundred.up) / 100 / (median(ten.up) / 10);
  const rows = [
    ['berth', 'up -d, 10 services', spread(ten.up)],
    ['berth', 'down, 10 services whose PID 1 can not hear SIGTERM, default grace', spread(ten.down)],
    ['berth', 'up -d, nothing changed', spread(ten.again)],
    ['berth', 'up -d, 100 services', spread(hundred.up)],
    ['berth', 'down, 100 services', spread(hundred.down)],
    ['berth', 'the answer to `ps` while 100 services come up (HTTP)', spread(during)],
    ...(peer
      ? [
          [docker.compose.join(' '), 'up -d, 10 services', spread(peer.up)],
          [docker.compose.join(' '), 'down of the same', spread(peer.down)],
        ]
      : []),
  ];
  return `## Stacks

${table(['who', 'what', 'ms'], rows)}

${peer ? `${verdict(`Ratio of up -d (10) to ${docker.compose.join(' ')}`, median(ten.up) / median(peer.up), 0.2)}\n` : 'No docker compose on this machine: no ratio.\n'}
${verdict('Cost per service with 100, as a multiple of that with 10', perService, 1.5)}

${verdict('down of 10 deaf services, in seconds', median(ten.down) / 1000, 1)}

${verdict('Slowest answer to `ps` while 100 come up, in units of 100 ms', Math.max(...during) / 100, 1)}
`;
}

function ours({ command, env }, cwd, runs) {
  const options = { env, cwd };
  const up = timeCommand(command('up', '-d'), { ...options, runs, prepare: () => run(command('down'), options) });
  const again = timeCommand(command('up', '-d'), { ...options, runs });
  const down = timeCommand(command('down'), { ...options, runs, prepare: () => run(command('up', '-d'), options) });
  return { up, again, down };
}

function theirs({ compose, env }, cwd, runs) {
  const options = { env, cwd };
  const command = (...args) => [...compose, '-f', 'docker-compose.yml', '-p', 'peer', ...args];
  const up = timeCommand(command('up', '-d'), {
    ...options,
    runs,
    warm: 0,
    after: () => run(command('down', '-t', '0'), options),
  });
  const down = timeCommand(command('down'), {
    ...options,
    runs: 1,
    warm: 0,
    prepare: () => run(command('up', '-d'), options),
  });
  return { up, down };
}

/** Asks for the containers as `ps` does, on the socket, while the stack comes up: the engine's part of the command. */
async function answersDuringUp({ command, env, socket }, cwd) {
  run(command('down'), { env, cwd });
  const [program, ...args] = command('up', '-d');
  const up = spawn(program, args, { env, cwd, stdio: 'ignore' });
  const ended = once(up, 'exit');
  const times = [];
  while (up.exitCode === null) {
    times.push(await answerTime(socket));
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  await ended;
  run(command('down'), { env, cwd });
  return times;
}

function answerTime(socketPath) {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path: '/v1/containers?stack=hundred', agent: false }, (response) => {
      response.resume();
      response.once('end', () => resolve(performance.now() - start));
    });
    call.once('error', reject);
    call.end();
  });
}
