/** Commands against `node -e 0`, exec against docker's. */
import { join } from 'node:path';
import { median, run, spread, timeCommand } from './measure.mjs';
import { table, verdict } from './table.mjs';
import { writeStack } from './worlds.mjs';

export async function commandBenches({ folder, quick, berth, docker }) {
  const { command, env } = berth;
  const cwd = writeStack(join(folder, 'commands'), 1);
  const runs = quick ? 7 : 25;
  const options = { env, cwd, runs, warm: 3 };
  run(command('up', '-d'), { env, cwd });
  const node = timeCommand(['node', '-e', '0'], options);
  const version = timeCommand(command('version'), options);
  const ps = timeCommand(command('ps'), options);
  const exec = timeCommand(command('exec', '-T', 's1', 'true'), options);
  run(command('down'), { env, cwd });
  let peer;
  if (docker) {
    run(['docker', 'run', '-d', '--name', 'bench-exec', 'busybox', 'sleep', '100000'], { env: docker.env });
    peer = timeCommand(['docker', 'exec', 'bench-exec', 'true'], { ...options, env: docker.env });
    run(['docker', 'rm', '-f', 'bench-exec'], { env: docker.env });
  }
  const rows = [
    ['node -e 0', spread(node)],
    ['berth version', spread(version)],
    ['berth ps', spread(ps)],
    ['berth exec -T s1 true', spread(exec)],
    ...(peer ? [['docker exec ... true', spread(peer)]] : []),
  ];
  return `## Commands

${table(['command', 'ms'], rows)}

${verdict('`berth version` as a multiple of `node -e 0`', median(version) / median(node), 3)}

${verdict('`berth ps` as a multiple of `node -e 0`', median(ps) / median(node), 3)}

${peer ? verdict("`exec` of true as a part of docker's", median(exec) / median(peer), 0.5) : 'No docker on this machine: no ratio for exec.'}
`;
}
