/**
 * Network namespaces of their own for one test file: a machine with the driver in it, containers, a neighbour outside.
 *
 * Nothing touches the namespace that the tests run in. `close` fails when the driver has left something behind.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { buildSync } from 'esbuild';
import { macFor, prefixOf } from '../../../src/network/addresses.ts';
import { portPrefix } from '../../../src/network/bridge-name.ts';
import type { BridgeSpec } from '../../../src/network/network.ts';
import { type DriverProcess, spawnDriver } from './spawn-driver.ts';

export const TAG = 'f00d';
/** The machine's address towards its neighbour, and the neighbour's. */
export const MACHINE = '198.51.100.1';
export const NEIGHBOUR = '198.51.100.2';

/** The host's end of the n-th container. */
export function portName(index: number): string {
  return `${portPrefix(TAG)}${index}`;
}

export type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** A place with a network of its own: the machine, a container, the neighbour. */
export type Place = {
  readonly netns: string;
  run(program: string, ...args: string[]): Ran;
  /** Runs a Node script there; what it prints. */
  node(script: string, ...args: string[]): string;
  /** Starts a Node script that prints `ready` when it serves; ended by close(). */
  serve(script: string, ...args: string[]): Promise<number>;
  /** Starts a program that prints `ready` and runs until its stdin ends; ended by close(). */
  keep(program: string, ...args: string[]): Promise<number>;
  /** Starts a Node script that answers each line with a line. */
  talk(script: string, ...args: string[]): (line: string) => Promise<string>;
};

export type NetworkWorld = {
  readonly machine: Place;
  readonly neighbour: Place;
  readonly runDir: string;
  /** What the drivers find in resolv.conf; at first the neighbour. */
  setNameServers(...servers: string[]): void;
  /** A new driver on the same run folder; the one before should be ended. */
  startDriver(tag?: string): DriverProcess;
  /** From now on drivers run this shell script instead of the program, which is in $PROGRAM. */
  replaceProgram(program: string, script: string): void;
  /** Programs that drivers have run since the last call, as `ip -batch -`. */
  programsRun(): string[];
  /** A namespace with a veth on the bridge, as the runtime makes one. */
  addContainer(bridge: BridgeSpec, address: string): Place;
  /** Puts the n-th container's end back on its bridge. */
  reconnect(index: number): void;
  /** Everything of the machine's network that the driver may change. */
  kernelState(): string;
  close(): void;
};

export function networkWorld(name: string): NetworkWorld {
  const base = mkdtempSync(join(tmpdir(), `bt-test-${name}-`));
  const prefix = `bt-test-${process.pid}-${name}`;
  const runDir = join(base, 'run');
  mkdirSync(runDir);
  const programs = wrapPrograms(base);
  const setNameServers = (...servers: string[]) =>
    writeFileSync(join(base, 'resolv.conf'), servers.map((server) => `nameserver ${server}\n`).join(''));
  setNameServers(NEIGHBOUR);
  const children: { kill(signal: 'SIGKILL'): unknown }[] = [];
  const spaces: string[] = [];
  const connections: Connection[] = [];
  const netnsOf: string[] = [];
  const addSpace = (suffix: string): Place => {
    const netns = `${prefix}-${suffix}`;
    execFileSync('ip', ['netns', 'add', netns]);
    execFileSync('ip', ['-n', netns, 'link', 'set', 'lo', 'up']);
    spaces.push(netns);
    return placeIn(netns, children);
  };
  const machine = addSpace('machine');
  const neighbour = addSpace('out');
  connectNeighbour(machine.netns, neighbour.netns);

  return {
    machine,
    neighbour,
    runDir,
    setNameServers,
    startDriver(tag = TAG) {
      const driver = spawnDriver({ base, netns: machine.netns, tag, runDir, bundle: bundled(base), programs });
      children.push(driver);
      return driver;
    },
    replaceProgram(program, script) {
      writeFileSync(join(programs, program), `#!/bin/sh\nPROGRAM=/usr/sbin/${program}\n${script}\n`);
      chmodSync(join(programs, program), 0o755);
    },
    programsRun() {
      const log = join(base, 'programs.log');
      const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean) : [];
      rmSync(log, { force: true });
      return lines;
    },
    addContainer(bridge, address) {
      const place = addSpace(`c${spaces.length}`);
      const connection = { bridge, address, hostName: portName(connections.length) };
      netnsOf.push(place.netns);
      connectContainer(machine.netns, place.netns, connection);
      connections.push(connection);
      return place;
    },
    reconnect(index) {
      const connection = connections[index]!;
      /* A bridge that goes takes its ends along. */
      if (machine.run('ip', '-o', 'link').stdout.includes(` ${connection.hostName}@`))
        plugIn(machine.netns, connection);
      else connectContainer(machine.netns, netnsOf[index]!, connection);
    },
    kernelState() {
      const ip = (...args: string[]) => machine.run('ip', ...args).stdout;
      const forward = machine.run('cat', '/proc/sys/net/ipv4/ip_forward').stdout;
      return [ip('-o', 'link'), ip('-o', 'addr'), ip('route'), machine.run('nft', 'list', 'ruleset').stdout, forward]
        .map((text) =>
          text.replace(/ (brd|valid_lft|scope|qlen|link-netnsid|\\).*$/gm, '').replace(/packets \d+ bytes \d+/g, ''),
        )
        .join('---\n');
    },
    close() {
      for (const child of children) child.kill('SIGKILL');
      for (const netns of spaces) execFileSync('ip', ['netns', 'del', netns]);
      rmSync(base, { recursive: true, force: true });
    },
  };
}

/** `ip`, `nft` and `iptables` that write down that they were run. */
function wrapPrograms(base: string): string {
  const folder = join(base, 'programs');
  mkdirSync(folder);
  for (const program of ['ip', 'nft', 'iptables']) {
    const path = join(folder, program);
    writeFileSync(path, `#!/bin/sh\necho ${program} "$@" >> ${base}/programs.log\nexec /usr/sbin/${program} "$@"\n`);
    chmodSync(path, 0o755);
  }
  return folder;
}

function bundled(base: string): string {
  const outfile = join(base, 'driver.mjs');
  if (existsSync(outfile)) return outfile;
  const banner = { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" };
  const entryPoints = [join(import.meta.dirname, 'driver-process.ts')];
  buildSync({ entryPoints, outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20', banner });
  return outfile;
}

function placeIn(netns: string, children: { kill(signal: 'SIGKILL'): unknown }[]): Place {
  const enter = `--net=/run/netns/${netns}`;
  const run = (program: string, ...args: string[]): Ran => {
    const ran = spawnSync('nsenter', [enter, program, ...args], { encoding: 'utf8', timeout: 20_000 });
    return { code: ran.status ?? 128, stdout: ran.stdout, stderr: ran.stderr };
  };
  return {
    netns,
    run,
    node: (script, ...args) => {
      const { stdout, stderr } = run(process.execPath, '-e', script, ...args);
      return (stdout + stderr).trim();
    },
    talk: (script, ...args) => {
      const child = spawn('nsenter', [enter, process.execPath, '-e', script, ...args], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      children.push(child);
      return conversation(child);
    },
    serve: (script, ...args) => {
      const child = spawn('nsenter', [enter, process.execPath, '-e', script, ...args], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      children.push(child);
      return readyPid(child);
    },
    keep: (...args) => {
      const child = spawn('nsenter', [enter, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
      /* Its end is that of its stdin: it may have children of its own to end. */
      children.push({ kill: () => child.stdin.end() });
      return readyPid(child);
    },
  };
}

type Child = ReturnType<typeof spawn>;

function readyPid(child: Child): Promise<number> {
  return new Promise((resolve, reject) => {
    child.stdout!.once('data', () => resolve(child.pid!));
    child.once('exit', (code) => reject(new Error(`the program ended with ${code}`)));
  });
}

/** One question at a time. */
function conversation(child: Child): (line: string) => Promise<string> {
  const lines = createInterface({ input: child.stdout! });
  return async (line) => {
    const answer = once(lines, 'line');
    child.stdin!.write(`${line}\n`);
    return String((await answer)[0]);
  };
}

function connectNeighbour(machine: string, neighbour: string): void {
  const batch = (netns: string, lines: readonly string[]) =>
    execFileSync('ip', ['-n', netns, '-batch', '-'], { input: lines.join('\n') });
  batch(machine, [
    `link add up0 type veth peer name up0 netns ${neighbour}`,
    `addr add ${MACHINE}/24 dev up0`,
    'link set up0 up',
  ]);
  batch(neighbour, [`addr add ${NEIGHBOUR}/24 dev up0`, 'link set up0 up']);
}

/** Puts the container's end on the bridge, with the port's settings that the runtime gives it. */
function plugIn(machine: string, { bridge, address, hostName }: Connection): void {
  execFileSync('ip', ['-n', machine, 'link', 'set', hostName, 'master', bridge.bridge]);
  execFileSync('bridge', ['-n', machine, '-batch', '-'], {
    input: [
      `fdb replace ${macFor(address)} dev ${hostName} master static`,
      `link set dev ${hostName} hairpin on learning off locked on`,
    ].join('\n'),
  });
}

type Connection = { readonly bridge: BridgeSpec; readonly address: string; readonly hostName: string };

function connectContainer(machine: string, netns: string, { bridge, address, hostName }: Connection): void {
  const ip = (space: string, lines: readonly string[]) =>
    execFileSync('ip', ['-n', space, '-batch', '-'], { input: lines.join('\n') });
  ip(machine, [
    `link add ${hostName} type veth peer name eth0 address ${macFor(address)} netns ${netns}`,
    `link set ${hostName} up`,
  ]);
  plugIn(machine, { bridge, address, hostName });
  ip(netns, [
    `addr add ${address}/${prefixOf(bridge.subnets[0]!.subnet)} dev eth0${address.includes(':') ? ' nodad' : ''}`,
    'link set eth0 up',
    `route add default via ${bridge.subnets[0]!.gateway}`,
  ]);
}
