/** Pulls from a registry of our own: 10 layers with many small files, and one layer that is large. */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { has, median, run, spread } from './measure.mjs';
import { table, verdict } from './table.mjs';

const HOST = '127.0.0.1:5055';
const LAYERS = 10;
const LAYER_BYTES = 30 << 20;
const LARGE_BYTES = 600 << 20;

export async function pullBench({ folder, quick, berth, docker, enter }) {
  if (!has('docker-registry') || !has('skopeo')) return '## Pulls\n\nNo registry on this machine: not measured.\n';
  const place = join(folder, 'pull');
  mkdirSync(place);
  const registry = await startRegistry(place, enter);
  try {
    const many = makeImage(place, 'many', manyLayers(place));
    const large = makeImage(place, 'large', [largeLayer(place)]);
    for (const name of [many.name, large.name]) push(place, name, enter);
    const runs = quick ? 3 : 7;
    const ours = {
      pull: (name) => berth.command('image', 'pull', `${HOST}/${name}`),
      remove: (name) => berth.command('image', 'rm', `${HOST}/${name}`),
      env: berth.env,
    };
    const theirs = docker && {
      pull: (name) => ['docker', 'pull', `${HOST}/${name}`],
      remove: (name) => ['docker', 'rmi', `${HOST}/${name}`],
      env: docker.env,
    };
    const times = inTurns([ours, theirs].filter(Boolean), many.name, runs);
    const memory = [many, large].map(({ name }) => memoryOf(berth, ours, name));
    return section({ many, large, times, memory, isBeside: docker !== undefined });
  } finally {
    registry.kill('SIGTERM');
  }
}

function section({ many, large, times: [ours, theirs], memory, isBeside }) {
  const rows = [['berth image pull', spread(ours)], ...(isBeside ? [['docker pull', spread(theirs)]] : [])];
  return `## Pulls

From a registry on the loopback; an image of ${LAYERS} layers, ${mib(many.bytes)} MiB in ${many.files} files, ${mib(many.packed)} MiB as gzip. One after the other in turn.

${table(['pull', 'ms'], rows)}

${isBeside ? verdict("berth's pull as a part of docker's", median(ours) / median(theirs), 0.7) : 'No docker on this machine: no ratio.'}

${verdict("the engine's memory above idle while that comes, in MiB", memory[0], 150)}

${verdict(`the same of one layer of ${mib(large.bytes)} MiB`, memory[1], 150)}
`;
}

const mib = (bytes) => Math.round(bytes / (1 << 20));

/** Each once, then each again: a machine that gets busier slows all of them down. */
function inTurns(tools, name, runs) {
  const times = tools.map(() => []);
  for (let i = 0; i <= runs; i++) {
    for (const [index, tool] of tools.entries()) {
      const start = process.hrtime.bigint();
      run(tool.pull(name), { env: tool.env });
      if (i > 0) times[index].push(Number(process.hrtime.bigint() - start) / 1e6);
      run(tool.remove(name), { env: tool.env });
    }
  }
  return times;
}

/** The highest resident size of the engine during a pull, less that before; MiB. */
function memoryOf(berth, tool, name) {
  const pid = JSON.parse(run(berth.command('engine', 'status', '--json'), { env: berth.env })).Pid;
  const status = (key) => Number(new RegExp(`${key}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
  const idle = status('VmRSS');
  run(tool.pull(name), { env: tool.env });
  const peak = status('VmHWM');
  run(tool.remove(name), { env: tool.env });
  return Math.max(0, peak - idle) / 1024;
}

/** Small files of this machine, so that they are what files are like; about 30 MiB a layer. */
function manyLayers(place) {
  const found = run([
    'find',
    '/usr/share',
    '/usr/lib',
    '/usr/include',
    '-xdev',
    '-type',
    'f',
    '-size',
    '-40k',
    '-printf',
    '%s %p\n',
  ]);
  const layers = [];
  let list = [];
  let bytes = 0;
  for (const line of found.split('\n').filter(Boolean)) {
    list.push(line.slice(line.indexOf(' ') + 1));
    bytes += Number(line.slice(0, line.indexOf(' ')));
    if (bytes < LAYER_BYTES) continue;
    layers.push(list);
    list = [];
    bytes = 0;
    if (layers.length === LAYERS) break;
  }
  return layers.map((files, index) => {
    const names = join(place, `list-${index}`);
    writeFileSync(names, files.join('\n'));
    const tar = join(place, `layer-${index}.tar`);
    run(['tar', '-cf', tar, '--no-recursion', '-P', '--transform', 's,^/,,', '-T', names]);
    return { tar, files: files.length };
  });
}

/** One file that does not compress. */
function largeLayer(place) {
  const file = join(place, 'noise');
  run(['dd', 'if=/dev/urandom', `of=${file}`, 'bs=1M', `count=${LARGE_BYTES >> 20}`]);
  const tar = join(place, 'large.tar');
  run(['tar', '-C', place, '-cf', tar, 'noise']);
  return { tar, files: 1 };
}

const sha = (bytes) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** An OCI layout, pushed by skopeo as it is. */
function makeImage(place, name, layers) {
  const layout = join(place, name);
  const blobs = join(layout, 'blobs/sha256');
  mkdirSync(blobs, { recursive: true });
  const blob = (bytes) => {
    writeFileSync(join(blobs, sha(bytes).slice(7)), bytes);
    return { digest: sha(bytes), size: bytes.length };
  };
  const tars = layers.map(({ tar }) => readFileSync(tar));
  const type = 'application/vnd.oci.image';
  const descriptors = tars.map((bytes) => ({
    mediaType: `${type}.layer.v1.tar+gzip`,
    ...blob(gzipSync(bytes, { level: 6 })),
  }));
  const config = {
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: tars.map(sha) },
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: `${type}.manifest.v1+json`,
    config: { mediaType: `${type}.config.v1+json`, ...blob(Buffer.from(JSON.stringify(config))) },
    layers: descriptors,
  };
  const entry = {
    mediaType: manifest.mediaType,
    ...blob(Buffer.from(JSON.stringify(manifest))),
    annotations: { 'org.opencontainers.image.ref.name': '1' },
  };
  writeFileSync(join(layout, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [entry] }));
  writeFileSync(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  return {
    name: `bench/${name}:1`,
    bytes: sum(tars.map(({ length }) => length)),
    packed: sum(descriptors.map(({ size }) => size)),
    files: sum(layers.map(({ files }) => files)),
  };
}

function push(place, name, enter) {
  const folder = join(place, name.replace(/^bench\/|:1$/g, ''));
  run([...enter, 'skopeo', 'copy', '-q', '--dest-tls-verify=false', `oci:${folder}:1`, `docker://${HOST}/${name}`]);
}

async function startRegistry(place, enter) {
  const config = join(place, 'registry.yml');
  writeFileSync(
    config,
    `version: 0.1\nlog: {level: error, accesslog: {disabled: true}}\nstorage: {filesystem: {rootdirectory: ${join(place, 'registry')}}}\nhttp: {addr: "${HOST}"}\n`,
  );
  const [program, ...args] = [...enter, 'docker-registry', 'serve', config];
  const child = spawn(program, args, { stdio: 'ignore' });
  const answers = () =>
    spawnSync(enter[0], [...enter.slice(1), 'curl', '-sf', `http://${HOST}/v2/`], { stdio: 'ignore' }).status === 0;
  for (let i = 0; i < 100 && !answers(); i++) await new Promise((resolve) => setTimeout(resolve, 100));
  return child;
}
