/** The start of one container in a warm engine, from the request to the exec'd program, beside `runc run`. */
import { request } from 'node:http';
import { join } from 'node:path';
import { has, median, run, spread, timeCommand } from './measure.mjs';
import { table, verdict } from './table.mjs';
import { writeStack } from './worlds.mjs';

export async function startBench({ folder, quick, berth, docker, bundle, enter }) {
  const runs = quick ? 10 : 40;
  const cwd = writeStack(join(folder, 'one'), 1);
  run(berth.command('up', '-d'), { env: berth.env, cwd });
  const ours = [];
  const steps = [];
  for (let i = 0; i < runs + 3; i++) {
    await ask(berth.socket, '/v1/stacks/one/stop', { services: [] });
    const began = process.hrtime.bigint();
    const lines = await ask(berth.socket, '/v1/stacks/one/start', { services: [] });
    const ms = Number(process.hrtime.bigint() - began) / 1e6;
    if (i < 3) continue;
    ours.push(ms);
    steps.push(lines.find((line) => line.event?.type === 'step-done').event.ms);
  }
  run(berth.command('down'), { env: berth.env, cwd });
  const peers = [];
  let runc;
  if (bundle) {
    let count = 0;
    runc = timeCommand(
      [...enter, 'sh', '-c', `runc --root ${join(folder, 'runc')} run --bundle ${bundle} bench-$0`, '0'],
      { runs: 0 },
    );
    runc = [];
    for (let i = 0; i < runs; i++) {
      runc.push(
        ...timeCommand(
          [...enter, 'runc', '--root', join(folder, 'runc'), 'run', '--bundle', bundle, `bench-${++count}`],
          { runs: 1, warm: 0 },
        ),
      );
    }
    peers.push(['runc run (no network, no overlay), whole process', spread(runc)]);
  }
  if (docker)
    peers.push([
      'docker run --rm (bridge), whole process',
      spread(timeCommand(['docker', 'run', '--rm', 'busybox', 'true'], { runs: quick ? 3 : 10, env: docker.env })),
    ]);
  if (has('podman')) void 0;
  return `## Start of one container, engine warm

With overlay, veth pair on a bridge, address, DNS, cgroups, seccomp filter and log.

${table(['what', 'ms'], [['berth: HTTP request to answer (stopped container started again)', spread(ours)], ["of it in the engine: the step, until the program has been exec'd", spread(steps)], ...peers])}

${runc ? verdict('Ratio of the request to `runc run`', median(ours) / median(runc), 0.5) : 'runc is not installed: no ratio.'}
`;
}

/** Posts and reads all lines of the answer. */
function ask(socketPath, path, body) {
  return new Promise((resolve, reject) => {
    const call = request(
      { socketPath, path, method: 'POST', headers: { 'content-type': 'application/json' } },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part) => (text += part));
        response.on('end', () =>
          resolve(
            text
              .trim()
              .split('\n')
              .map((line) => JSON.parse(line)),
          ),
        );
      },
    );
    call.once('error', reject);
    call.end(JSON.stringify(body));
  });
}
