/**
 * Networks beside docker's: throughput, latency, and a hundred of them at once.
 *
 * iperf3 and the ping-pong run in containers whose root is the machine's own folders, mounted read-only.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { has, median, run, spread, timeCommand } from './measure.mjs';
import { table, verdict } from './table.mjs';
import { ROOT } from './worlds.mjs';

const NETWORKS = 100;
const PER_SERVICE = 25;
/** Folders that a program of this machine needs, at their own places; the images' own `bin` stays. */
const FOLDERS = ['/usr', '/lib', '/lib64', ROOT];
const PING_PONG = join(ROOT, 'bench/ping-pong.mjs');
const NODE = process.execPath;

export async function networkBench(context) {
  const { folder, quick, berth, docker, enter } = context;
  const cwd = writeStacks(join(folder, 'net'));
  const sides = [ours(berth, cwd), ...(docker?.compose ? [theirs(docker, cwd)] : [])];
  const results = [];
  for (const side of sides) results.push(await measure(side, { quick, enter }));
  const [own, peer] = results;
  return `## Networks

${has('iperf3') ? `iperf3, one TCP stream, runs of 2 s. ` : 'No iperf3 on this machine: no throughput. '}Latency: a TCP ping-pong of 64 bytes, ${quick ? '2,000' : '20,000'} rounds. Made: \`up -d\` of a stack of ${NETWORKS} networks, ${PER_SERVICE} a service.

${table(['what', ...sides.map((side) => side.name), ...(peer ? ['ratio'] : [])], rows(own, peer))}

${peer ? verdicts(own, peer) : 'No docker compose on this machine: no ratio.\n'}`;
}

function ours({ env, command }, cwd) {
  const file = (name) => ['-f', `${name}.yaml`];
  return {
    name: 'berth',
    manyRuns: 3,
    options: { env, cwd },
    up: (name) => command(...file(name), 'up', '-d'),
    down: (name) => command(...file(name), 'down', '-t', '0'),
    inside: (...args) => command(...file('pair'), 'exec', '-T', 'client', ...args),
  };
}

function theirs({ env, compose }, cwd) {
  const call = (name, ...args) => [...compose, '-f', `${name}.docker.yaml`, '-p', `peer${name}`, ...args];
  return {
    name: `${compose.join(' ')}, dockerd`,
    manyRuns: 1,
    options: { env, cwd },
    up: (name) => call(name, 'up', '-d'),
    down: (name) => call(name, 'down', '-t', '0'),
    inside: (...args) => call('pair', 'exec', '-T', 'client', ...args),
  };
}

async function measure({ options, up, down, inside, manyRuns }, { quick, enter }) {
  const streams = quick ? 1 : 3;
  const rounds = quick ? 2000 : 20_000;
  run(up('pair'), options);
  try {
    const fromHost = (...args) => [...enter, ...args];
    await untilItAnswers(inside(NODE, PING_PONG, 'server', '7000', '10'), options);
    await untilItAnswers(fromHost(NODE, PING_PONG, '127.0.0.1', '17000', '10'), options);
    return {
      between: has('iperf3') ? throughput(inside('/usr/bin/iperf3', '-c', 'server'), options, streams) : undefined,
      published: has('iperf3')
        ? throughput(fromHost('iperf3', '-c', '127.0.0.1', '-p', '15201'), options, streams)
        : undefined,
      betweenUs: latency(inside(NODE, PING_PONG, 'server', '7000', rounds), options),
      publishedUs: latency(fromHost(NODE, PING_PONG, '127.0.0.1', '17000', rounds), options),
      ...many({ options, up, down }, quick ? 1 : manyRuns),
    };
  } finally {
    run(down('pair'), options);
  }
}

function many({ options, up, down }, runs) {
  const removed = [];
  const made = timeCommand(up('many'), {
    ...options,
    runs,
    warm: 0,
    after: () => removed.push(...timeCommand(down('many'), { ...options, runs: 1, warm: 0 })),
  });
  return { made, removed };
}

async function untilItAnswers([program, ...args], options) {
  for (let i = 0; i < 100; i++) {
    const child = spawn(program, args, { ...options, stdio: 'ignore' });
    const [code] = await once(child, 'exit');
    if (code === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${args.join(' ')}: no answer`);
}

/** Gbit/s of each run. */
function throughput(command, options, runs) {
  return Array.from({ length: runs }, () => {
    const [program, ...args] = [...command, '-t', '2', '-J'];
    const { stdout } = spawnSync(program, args, { ...options, encoding: 'utf8' });
    const report = JSON.parse(stdout.slice(stdout.indexOf('{')));
    if (report.error) throw new Error(`${args.join(' ')}: ${report.error}`);
    return report.end.sum_received.bits_per_second / 1e9;
  });
}

function latency(command, options) {
  /* Which processors the two ends are on differs from process to process, and counts for more than the network. */
  const runs = Array.from({ length: 3 }, () => JSON.parse(run(command.map(String), options).trim().split('\n').at(-1)));
  return { p50: median(runs.map((one) => one.p50)), p99: median(runs.map((one) => one.p99)) };
}

function rows(own, peer) {
  const row = (what, text, value) => [
    what,
    text(own),
    ...(peer ? [text(peer), (value(own) / value(peer)).toFixed(2)] : []),
  ];
  const gbit = (key) => [(side) => spread(side[key]), (side) => median(side[key])];
  const micro = (key, part) => [(side) => side[key][part].toFixed(0), (side) => side[key][part]];
  return [
    ...(own.between
      ? [
          row('container to container, Gbit/s', ...gbit('between')),
          row('host to a published port, Gbit/s', ...gbit('published')),
        ]
      : []),
    row('container to container, p50, us', ...micro('betweenUs', 'p50')),
    row('container to container, p99, us', ...micro('betweenUs', 'p99')),
    row('host to a published port, p50, us', ...micro('publishedUs', 'p50')),
    row('host to a published port, p99, us', ...micro('publishedUs', 'p99')),
    row(`up -d with ${NETWORKS} networks, ms`, ...gbit('made')),
    row('down of the same, ms', ...gbit('removed')),
  ];
}

function verdicts(own, peer) {
  const slower = (key) => median(peer[key]) / median(own[key]);
  const lines = [
    ...(own.between
      ? [
          verdict("docker's throughput between containers as a multiple of ours", slower('between'), 1.1),
          verdict("docker's throughput to a published port as a multiple of ours", slower('published'), 1.1),
        ]
      : []),
    verdict("p50 between containers as a multiple of docker's", own.betweenUs.p50 / peer.betweenUs.p50, 1.1),
    verdict(`up -d with ${NETWORKS} networks as a multiple of docker's`, median(own.made) / median(peer.made), 0.5),
  ];
  return `${lines.join('\n\n')}\n`;
}

/** One stack of a server and a client, one of many networks; each for berth, and as docker-compose 1.x reads it. */
function writeStacks(folder) {
  mkdirSync(folder, { recursive: true });
  const mounts = FOLDERS.map((path) => `      - ${path}:${path}:ro\n`).join('');
  const service = (command) => `    image: busybox\n    command: ${JSON.stringify(command)}\n    volumes:\n${mounts}`;
  const serve = `${has('iperf3') ? '/usr/bin/iperf3 -s & ' : ''}exec ${NODE} ${PING_PONG} serve 7000`;
  const pair = `services:\n  server:\n${service(['/bin/sh', '-c', serve])}    ports: ["15201:5201", "17000:7000"]\n  client:\n${service(['/bin/sleep', '100000'])}`;
  const names = Array.from({ length: NETWORKS }, (_, i) => `n${i + 1}`);
  /* Docker's own pools hold about 30 networks: each has its subnet here. */
  const networks = names.map((n, i) => `  ${n}: {ipam: {config: [{subnet: 10.201.${i}.0/24}]}}\n`).join('');
  const services = Array.from({ length: NETWORKS / PER_SERVICE }, (_, i) => {
    const own = names.slice(i * PER_SERVICE, (i + 1) * PER_SERVICE).join(', ');
    return `  s${i + 1}:\n    image: busybox\n    command: [sleep, "100000"]\n    networks: [${own}]\n`;
  });
  const many = `services:\n${services.join('')}networks:\n${networks}`;
  for (const [name, text] of Object.entries({ pair, many })) {
    writeFileSync(join(folder, `${name}.yaml`), `name: bench${name}\n${text}`);
    writeFileSync(join(folder, `${name}.docker.yaml`), `version: "3"\n${text}`);
  }
  return folder;
}
