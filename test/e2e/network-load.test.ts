/** Networks under load and under loss: more of them than Docker has by default, many ports and names, and a cut between two services. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, type Result, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;

beforeAll(() => {
  world = testWorld('netload');
  countStarts();
});
afterAll(() => world.close());

const SERVICES = 10;
const PER_SERVICE = { networks: 6, ports: 30 };
const FIRST_PORT = 20_000;
const QUESTIONS = 1000;
const AT_ONCE = 64;

/** Answers each connection with its service and port. */
const SERVE = `
const [name, first, count] = process.argv.slice(1);
for (let port = Number(first); port < Number(first) + Number(count); port++)
  require('node:net').createServer((s) => s.on('error', () => {}).end(name + ':' + port)).listen(port);
`;
/** Asks each of the host's ports, 50 at a time; prints the answers as JSON. */
const ASK_PORTS = `
const [first, count] = process.argv.slice(1).map(Number);
const ask = (port) => new Promise((resolve) => {
  let text = '';
  const socket = require('node:net').connect({ host: '127.0.0.1', port, timeout: 10000 });
  socket.on('data', (d) => (text += d)).on('close', () => resolve(text)).on('timeout', () => socket.destroy(new Error('timeout')))
    .on('error', (e) => (text = e.code ?? e.message));
});
(async () => {
  const answers = [];
  for (let i = 0; i < count; i += 50)
    answers.push(...(await Promise.all(Array.from({ length: Math.min(50, count - i) }, (_, n) => ask(first + i + n)))));
  console.log(JSON.stringify(answers));
})();
`;
/** Asks for names in turn, AT_ONCE in flight; prints how many had which answer. No second try: a lost one is told. */
const ASK_NAMES = `
const [names, count, atOnce] = process.argv.slice(1);
const resolver = new (require('node:dns').promises.Resolver)({ timeout: 20000, tries: 1 });
const list = names.split(',');
const seen = {};
let next = 0;
const work = async () => {
  for (let n = next++; n < Number(count); n = next++) {
    const name = list[n % list.length];
    const answer = await resolver.resolve4(name).then((a) => a.sort().join(' '), (e) => e.code);
    const key = name + '=' + answer;
    seen[key] = (seen[key] ?? 0) + 1;
  }
};
Promise.all(Array.from({ length: Number(atOnce) }, work)).then(() => console.log(JSON.stringify(seen)));
`;

const names = Array.from({ length: SERVICES }, (_, i) => `s${i}`);
const networksOf = (i: number) => Array.from({ length: PER_SERVICE.networks }, (_, n) => `n${i}x${n}`);
const MANY = `
name: many
services:
${names
  .map(
    (name, i) => `  ${name}:
    image: host
    stop_grace_period: 0s
    command: ${JSON.stringify([process.execPath, '-e', SERVE, name, '5000', String(PER_SERVICE.ports)])}
    networks: [${[...networksOf(i), 'all'].join(', ')}]
    ports: ["${FIRST_PORT + i * PER_SERVICE.ports}-${FIRST_PORT + (i + 1) * PER_SERVICE.ports - 1}:5000-${4999 + PER_SERVICE.ports}"]
`,
  )
  .join('')}networks:
  all: {}
${names.flatMap((_, i) => networksOf(i).map((n) => `  ${n}: {}\n`)).join('')}`;

type Inspected = { readonly IPAM: { readonly Config: readonly { readonly Subnet: string }[] } };

test('sixty networks out of the pool and 300 ports: all different, all answer, made by one batch', async () => {
  world.write('stack.yaml', MANY);

  const up = world.berth('up', '-d');

  expect(up.stderr + up.code).toMatch(/0$/);
  const all = JSON.parse(
    world.berth('network', 'inspect', '--json', ...names.flatMap((_, i) => networksOf(i).map((n) => `many_${n}`)))
      .stdout,
  ) as Inspected[];
  const subnets = all.map((network) => network.IPAM.Config[0]!.Subnet);
  expect(subnets).toHaveLength(SERVICES * PER_SERVICE.networks);
  expect(new Set(subnets).size).toBe(subnets.length);
  expect(subnets.filter((subnet) => !/^172\.\d+\.\d+\.0\/24$/.test(subnet))).toEqual([]);
  const expected = names.flatMap((name) =>
    Array.from({ length: PER_SERVICE.ports }, (_, port) => `${name}:${5000 + port}`),
  );
  await eventually(() => answers().every((answer) => answer !== 'ECONNREFUSED'));
  expect(answers()).toEqual(expected);
  expect(starts()).toEqual({ 'ip -4 -j route': 1, 'ip -6 -j route': 1, 'ip -batch': 1 });
}, 120_000);

function answers(): string[] {
  const ports = String(SERVICES * PER_SERVICE.ports);
  return JSON.parse(world.inside(process.execPath, '-e', ASK_PORTS, String(FIRST_PORT), ports).stdout) as string[];
}

test('ten containers that ask for names at once, 64 questions of each in flight, get the right answers only', async () => {
  const addresses = Object.fromEntries(names.map((name) => [name, addressOn(name, 'many_all')]));
  const asked = names.flatMap((name) => [name, `${name}.many_all`]).join(',');
  const ask = [process.execPath, '-e', ASK_NAMES, asked, String(QUESTIONS), String(AT_ONCE)];

  const runs = await Promise.all(names.map((name) => output(['exec', '-T', name, ...ask])));

  const wrong = runs.flatMap((text, i) =>
    Object.keys(JSON.parse(text) as Record<string, number>).filter((key) => !isRight(key, names[i]!, addresses)),
  );
  const count = runs
    .flatMap((text) => Object.values(JSON.parse(text) as Record<string, number>))
    .reduce((a, b) => a + b, 0);
  expect(wrong).toEqual([]);
  expect(count).toBe(SERVICES * QUESTIONS);
}, 120_000);

/** A service has an address on each network that it shares with the one who asks: itself on all, the others on one. */
function isRight(key: string, asker: string, addresses: Readonly<Record<string, string>>): boolean {
  const [name, answer] = key.split('=') as [string, string];
  const [service, network] = name.split('.') as [string, string?];
  if (network || service !== asker) return answer === addresses[service];
  return answer.split(' ').length === PER_SERVICE.networks + 1 && answer.split(' ').includes(addresses[service]!);
}

test('when the pool is taken the error says how many there are and by whom, and nothing is left of the network', () => {
  for (const range of ['172.16.0.0/12', '10.128.0.0/9', '192.168.128.0/17'])
    expect(world.inside('ip', 'route', 'add', 'blackhole', range).code).toBe(0);

  const created = world.berth('network', 'create', 'late');

  expect(created.code).not.toBe(0);
  expect(created.stderr).toMatch(/all 36992 of the pool are taken, 61 by networks .* by routes of this machine/);
  expect(world.berth('network', 'ls', '--format', '{{.Name}}').stdout).not.toContain('late');
  for (const range of ['172.16.0.0/12', '10.128.0.0/9', '192.168.128.0/17'])
    world.inside('ip', 'route', 'del', 'blackhole', range);
});

test('down takes all sixty away', async () => {
  const down = world.berth('down');

  expect(down.code).toBe(0);
  await eventually(() => world.leaks().length === 0);
}, 60_000);

const CHECK = `
const socket = require('node:net').connect({ host: 'api', port: 5000, timeout: 900 });
socket.on('data', () => process.exit(0)).on('timeout', () => process.exit(1)).on('error', () => process.exit(1));
`;
const HEALTH = `healthcheck: {test: ${JSON.stringify(['CMD', process.execPath, '-e', CHECK])}, interval: 300ms, timeout: 2s, retries: 2}`;
const PAIR = `
name: pair
services:
  api:
    image: host
    stop_grace_period: 0s
    command: ${JSON.stringify([process.execPath, '-e', SERVE, 'api', '5000', '1'])}
  web: {image: host, command: [sleep, "1000"], restart: always, ${HEALTH}}
  again: {image: host, command: [sleep, "1000"], restart: on-unhealthy, ${HEALTH}}
`;

test('two services that are cut off from each other: health says so and comes back, and nothing restarts that need not', async () => {
  world.write('stack.yaml', PAIR);
  expect(world.berth('up', '-d', '--wait').code).toBe(0);
  const before = ['api', 'web'].map(stateOf);
  const again = world.ps('again')[0]!.ID;

  lose('drop');
  await eventually(() => world.ps('web')[0]!.Health === 'unhealthy', 30_000);
  await eventually(() => world.ps('again')[0]!.Restarts > 0, 30_000);
  const cut = ['api', 'web'].map(stateOf);
  heal();
  await eventually(() => ['web', 'again'].every((name) => world.ps(name)[0]!.Health === 'healthy'), 60_000);

  expect(cut).toEqual(before);
  expect(['api', 'web'].map(stateOf)).toEqual(before);
  expect(world.ps('again').map(({ ID, State }) => ({ ID, State }))).toEqual([{ ID: again, State: 'running' }]);
}, 150_000);

test('a fifth of the packages lost: answers still come, and nothing that need not restarts', async () => {
  const before = ['api', 'web'].map(stateOf);

  lose('numgen random mod 5 0 counter drop');
  const tries = Array.from({ length: 10 }, () => world.berth('exec', '-T', 'web', process.execPath, '-e', CHECK).code);
  const dropped = Number(/packets (\d+)/.exec(world.inside('nft', 'list', 'table', 'bridge', 'loss').stdout)?.[1]);
  heal();
  await eventually(() => ['web', 'again'].every((name) => world.ps(name)[0]!.Health === 'healthy'), 60_000);

  expect(dropped).toBeGreaterThan(0);
  expect(tries).toContain(0);
  expect(['api', 'web'].map(stateOf)).toEqual(before);
}, 150_000);

/* The kernel keeps a network namespace as long as it has something to tell a peer: its end stayed on the machine. */
test('down leaves no interface of a container that died in the middle of a connection', async () => {
  const listen = "require('node:net').createServer((s) => s.resume()).listen(6000)";
  const talk = "const s = require('node:net').connect(6000, 'api', () => setInterval(() => s.write('x'), 10))";
  world.berth('exec', '-d', 'api', process.execPath, '-e', listen);
  const inApi = (...command: string[]) => world.berth('exec', '-T', 'api', ...command).stdout;
  await eventually(() => inApi('ss', '-Hltn').includes(':6000'));
  world.berth('exec', '-d', 'web', process.execPath, '-e', talk);
  await eventually(() => inApi('ss', '-Htn', 'state', 'established').includes(':6000'));

  lose('drop');
  const down = world.berth('down', '-t', '0');
  heal();

  expect(down.code).toBe(0);
  await eventually(() => world.leaks().length === 0);
}, 60_000);

const stateOf = (name: string) => world.ps(name).map(({ ID, Pid, Restarts, State }) => ({ ID, Pid, Restarts, State }));

/** In a table of its own, as somebody who breaks the network would: what `api` sends or is sent. */
function lose(how: string): void {
  const api = addressOn('api', 'pair_default');
  const rules = ['saddr', 'daddr'].map((end) => `add rule bridge loss way ip ${end} ${api} ${how}`);
  const chain = 'add chain bridge loss way { type filter hook forward priority -300; }';
  const made: Result[] = ['add table bridge loss', chain, ...rules].map((line) => world.inside('nft', line));
  expect(made.map((r) => r.stderr)).toEqual(made.map(() => ''));
}

function heal(): void {
  world.inside('nft', 'delete', 'table', 'bridge', 'loss');
}

function addressOn(service: string, network: string): string {
  const [found] = JSON.parse(world.berth('network', 'inspect', '--json', network).stdout) as {
    readonly Containers: Readonly<Record<string, { readonly Name: string; readonly IPv4Address: string }>>;
  }[];
  const container = Object.values(found!.Containers).find((c) => c.Name.endsWith(`-${service}-1`));
  return container!.IPv4Address.split('/')[0]!;
}

function output(args: readonly string[]): Promise<string> {
  const child = world.spawn(args);
  return new Promise((resolve, reject) => {
    let text = '';
    let fault = '';
    child.stdout!.on('data', (part) => (text += part));
    child.stderr!.on('data', (part) => (fault += part));
    child.once('close', (code) => (code === 0 ? resolve(text) : reject(new Error(`${code}: ${fault}`))));
  });
}

/** The engine finds an `ip` before the machine's own, which notes each start. */
function countStarts(): void {
  const folder = join(world.folder, 'path');
  mkdirSync(folder);
  const real = world.inside('sh', '-c', 'command -v ip').stdout.trim();
  writeFileSync(join(folder, 'ip'), `#!/bin/sh\necho "ip $*" >>${startLog()}\nexec ${real} "$@"\n`);
  chmodSync(join(folder, 'ip'), 0o755);
  world.env.PATH = `${folder}:${process.env.PATH}`;
}

const startLog = () => join(world.folder, 'starts');

/** How often which `ip` was started by now. */
function starts(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const line of existsSync(startLog()) ? readFileSync(startLog(), 'utf8').trim().split('\n') : []) {
    const what = line
      .split(' ')
      .slice(0, line.includes('route') ? 4 : 2)
      .join(' ');
    counts[what] = (counts[what] ?? 0) + 1;
  }
  return counts;
}
