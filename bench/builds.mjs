/** Builds: nothing changed in 20 steps, all 20 steps, and a context of 5 GB that is ignored. */
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median, run, spread, timeCommand } from './measure.mjs';
import { table, verdict } from './table.mjs';

export async function buildBench({ folder, quick, berth, docker }) {
  const context = makeContext(join(folder, 'build'));
  const { command, env } = berth;
  const ours = (...flags) => command('image', 'build', '-q', ...flags, '-t', 'bench-build', context);
  const theirs = (...flags) => ['docker', 'build', '-q', ...flags, '-t', 'bench-build', context];
  const runs = quick ? 3 : 10;
  const measure = (argv, environment, warm) => timeCommand(argv, { env: environment, cwd: context, runs, warm });
  const full = measure(ours('--no-cache'), env, 0);
  const noOp = measure(ours(), env, 1);
  const peer = docker && {
    full: measure(theirs('--no-cache'), docker.env, 0),
    noOp: measure(theirs(), docker.env, 1),
  };
  run(command('image', 'rm', 'bench-build'), { env });
  run(command('builder', 'prune', '--all'), { env });
  const rows = [
    ['berth, nothing changed', spread(noOp)],
    ['berth, all steps', spread(full)],
    ...(peer
      ? [
          ['docker build, nothing changed', spread(peer.noOp)],
          ['docker build, all steps', spread(peer.full)],
        ]
      : []),
  ];
  return `## Builds

20 steps on a busybox root; the context has 5 GB and 20 000 files in a folder that .dockerignore leaves out.

${table(['build', 'ms'], rows)}

${peer ? verdict("nothing changed, as a part of docker build's time", median(noOp) / median(peer.noOp), 1 / 3) : 'No docker on this machine: no ratio.'}

${peer ? verdict("all steps, as a part of docker build's time", median(full) / median(peer.full), 1) : ''}
`;
}

function makeContext(folder) {
  const ignored = join(folder, 'node_modules');
  for (let package_ = 0; package_ < 200; package_++) {
    const place = join(ignored, `package-${package_}`);
    mkdirSync(place, { recursive: true });
    for (let file = 0; file < 100; file++) writeFileSync(join(place, `f${file}.js`), 'module.exports = 1;\n');
  }
  writeFileSync(join(ignored, 'large'), '');
  truncateSync(join(ignored, 'large'), 5 * 1024 ** 3);
  const steps = ['FROM busybox'];
  for (let step = 0; step < 9; step++) {
    writeFileSync(join(folder, `file${step}`), `${step}\n`);
    steps.push(`COPY file${step} /file${step}`, `RUN cat /file${step} > /made${step}`);
  }
  steps.push('COPY . /all');
  writeFileSync(join(folder, 'Dockerfile'), `${steps.join('\n')}\n`);
  writeFileSync(join(folder, '.dockerignore'), '**/node_modules\n');
  return folder;
}
