/** Reading a large stack file, against the start of the command; and whether twice the file takes twice the time. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cpuOfCommand, median, spread } from './measure.mjs';
import { table, verdict } from './table.mjs';

const SIZES = [125, 500, 2000];

export function configBench({ folder, quick, berth }) {
  const { command, env } = berth;
  const options = { env, runs: quick ? 3 : 15, warm: 1 };
  const start = median(cpuOfCommand(command('version', '--json'), options));
  const [checked, printed] = [['config', '-q'], ['config']].map((args) =>
    SIZES.map((size) => cpuOfCommand(command(...args), { ...options, cwd: folderOf(folder, size) })),
  );
  const beyond = printed.map((one) => median(one) - start);
  const rows = SIZES.map((size, i) => [
    `${size} services`,
    spread(checked[i]),
    spread(printed[i]),
    beyond[i].toFixed(0),
  ]);
  return `## Reading a stack file

Processor time, in milliseconds, of whole processes; the start of the command alone takes ${start.toFixed(0)}.

${table(['what is read', 'berth config -q', 'berth config', 'beyond the start'], rows)}

${verdict('milliseconds that 500 services take beyond the start of the command, printed', beyond[1], 300)}

${verdict('2000 services as a multiple of 500', beyond[2] / beyond[1], 5)}
`;
}

function folderOf(folder, size) {
  const cwd = join(folder, `config-${size}`);
  mkdirSync(cwd, { recursive: true });
  writeFileSync(join(cwd, 'stack.yaml'), stackOf(size));
  return cwd;
}

function stackOf(size) {
  const services = Array.from({ length: size }, (_, i) => service(i)).join('');
  const volumes = Array.from({ length: size }, (_, i) => `  data${i}: {}\n`).join('');
  return `services:\n${services}networks: {back: {}}\nvolumes:\n${volumes}`;
}

function service(i) {
  return `  w${i}:
    image: nginx:1.${i}
    command: [run, --id, "${i}"]
    environment: {A: "1", B: "${i}", C: x}
    ports: ["${10_000 + i}:80"]
    volumes: ["data${i}:/data", "./x${i}:/x:ro"]
    depends_on: [${i === 0 ? '' : `w${i - 1}`}]
    healthcheck: {test: curl -f localhost, interval: 5s}
    networks: [back]
    restart: always
    labels: {a: b, c: d}
`;
}
