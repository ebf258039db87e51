/**
 * Runs inside the virtual machine of `npm run test:cgroup2`: what only a machine with pure cgroup version 2 can show.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const BERTH = join(import.meta.dirname, '../../bin/berth');
const FOLDER = '/tmp.vm/stack';
const results = [];

mkdirSync(FOLDER, { recursive: true });
check('doctor says version 2', () => includes(berth('doctor').stdout, 'cgroup v2'));
writeFileSync(join(FOLDER, 'stack.yaml'), stackFile());
check('a stack with limits comes up', () => equal(berth('up', '-d').code, 0));
check('memory.max', () => equal(cgroupValue('limits', 'memory.max'), String(64 * 1024 * 1024)));
check('memory.swap.max', () => equal(cgroupValue('limits', 'memory.swap.max'), '0'));
check('memory.low', () => equal(cgroupValue('limits', 'memory.low'), String(32 * 1024 * 1024)));
check('pids.max', () => equal(cgroupValue('limits', 'pids.max'), '20'));
check('cpu.max', () => equal(cgroupValue('limits', 'cpu.max'), '50000 100000'));
check('cpu.weight', () => equal(Number(cgroupValue('limits', 'cpu.weight')) > 1, true));
check('cpuset.cpus', () => equal(cgroupValue('limits', 'cpuset.cpus'), '0'));
check('the default of pids', () => equal(cgroupValue('plain', 'pids.max'), '2048'));
check('a fork bomb is stopped', () =>
  includes(berth('exec', '-T', 'limits', 'sh', '-c', 'for i in $(seq 40); do sleep 5 & done; wait').stderr, 'fork'),
);
check('devices are closed by a program of the cgroup', () =>
  equal(
    berth('exec', '-T', 'plain', 'sh', '-c', 'mknod /tmp/kmsg c 1 11 && cat /tmp/kmsg >/dev/null').code === 0,
    false,
  ),
);
check('and null is open', () => equal(berth('exec', '-T', 'plain', 'sh', '-c', 'cat /dev/null').code, 0));
check('the container sees its own cgroup as the root', () =>
  equal(berth('exec', '-T', 'plain', 'cat', '/proc/1/cgroup').stdout.trim(), '0::/'),
);
check('out of memory is said', () => eventually(() => ps('hungry').OOMKilled === true));
check('and only there', () => equal(ps('plain').OOMKilled, false));
check('a port answers', () =>
  includes(spawnSync('curl', ['-sS', '-m', '20', 'http://127.0.0.1:18080/'], { encoding: 'utf8' }).stdout, 'hello'),
);
check('down takes the cgroups away', () => {
  equal(berth('down', '-v').code, 0);
  eventually(() => cgroups().length === 0);
});
process.stdout.write(
  `vm: ${results.every(Boolean) ? 'passed' : 'FAILED'} ${results.filter(Boolean).length} of ${results.length}\n`,
);

function stackFile() {
  return `services:
  plain:
    image: host
    command: ["node", "-e", "require('node:http').createServer((q, s) => s.end('hello')).listen(80)"]
    ports: ["18080:80"]
  limits:
    image: host
    command: ["sleep", "1000"]
    mem_limit: 64m
    memswap_limit: 64m
    mem_reservation: 32m
    pids_limit: 20
    cpus: 0.5
    cpu_shares: 512
    cpuset: "0"
  hungry:
    image: host
    command: ["sh", "-c", "head -c 200m /dev/zero | tail"]
    mem_limit: 32m
    memswap_limit: 32m
`;
}

function check(name, test) {
  let passed = true;
  try {
    test();
  } catch (error) {
    passed = false;
    process.stdout.write(`vm: ${error.message.replaceAll('\n', '\nvm: ')}\n`);
  }
  results.push(passed);
  process.stdout.write(`vm: ${passed ? 'ok  ' : 'FAIL'} ${name}\n`);
}

function berth(...args) {
  const { status, stdout, stderr } = spawnSync(BERTH, args, {
    cwd: FOLDER,
    encoding: 'utf8',
    timeout: 120_000,
    input: '',
  });
  if (status !== 0 && args[0] !== 'exec')
    process.stdout.write(`vm: berth ${args.join(' ')}: ${stderr.replaceAll('\n', '\nvm: ')}\n`);
  return { code: status, stdout, stderr };
}

function ps(service) {
  return JSON.parse(berth('ps', '-a', '--json').stdout).find((row) => row.Service === service);
}

function cgroups() {
  return readdirSync('/sys/fs/cgroup')
    .filter((name) => name.startsWith('berth'))
    .flatMap((parent) =>
      readdirSync(join('/sys/fs/cgroup', parent), { withFileTypes: true })
        .filter((e) => e.isDirectory())
        .map((e) => join('/sys/fs/cgroup', parent, e.name)),
    );
}

function cgroupValue(service, file) {
  const id = ps(service).ID;
  const path = join(
    cgroups().find((folder) => folder.endsWith(id)),
    file,
  );
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : `no ${path}`;
}

function equal(found, wanted) {
  if (found !== wanted) throw new Error(`found ${JSON.stringify(found)}, wanted ${JSON.stringify(wanted)}`);
}

function includes(text, part) {
  if (!text.includes(part)) throw new Error(`${JSON.stringify(text)} has no ${JSON.stringify(part)}`);
}

function eventually(test) {
  for (const end = Date.now() + 60_000; Date.now() < end; ) if (test()) return;
  throw new Error('it did not come true');
}
