import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { BERTH, eventually, type TestWorld, testWorld } from './test-world.ts';

let world: TestWorld;

beforeAll(() => {
  world = testWorld('vol');
});
afterEach(() => {
  world.berth('down', '-v');
  world.berth('volume', 'prune', '-a', '-f');
  expect(world.leaks()).toEqual([]);
});
afterAll(() => world.close());

type Row = {
  readonly Name: string;
  readonly UsedBy: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
};

const list = (...args: string[]) => JSON.parse(world.berth('volume', 'ls', '--json', ...args).stdout) as Row[];
const names = (...args: string[]) =>
  world
    .berth('volume', 'ls', '-q', ...args)
    .stdout.split('\n')
    .filter(Boolean);
const dataOf = (name: string) => join(world.dataRoot, 'volumes', name, '_data');
const mounts = () => readFileSync('/proc/self/mountinfo', 'utf8');

function sh(service: string, script: string): string {
  const { code, stdout, stderr } = world.berth('exec', '-T', service, 'sh', '-c', script);
  return code === 0 ? stdout.trim() : `exit ${code}: ${stderr}`;
}

const STACK =
  'services: {a: {image: host, command: sleep 1000, volumes: ["data:/data", /anonymous]}}\nvolumes: {data: {labels: {kind: test}}}\n';

test('a volume in use is not removed, and the message says by which container; down keeps it, down -v does not', () => {
  world.write('stack.yaml', STACK);
  world.berth('up', '-d');
  sh('a', 'echo kept > /data/x');

  const used = world.berth('volume', 'rm', 'vol_data');
  const down = world.berth('down');
  const after = names();
  world.berth('up', '-d');

  expect(used).toMatchObject({ code: 1, stdout: '' });
  expect(used.stderr).toContain('volume vol_data is in use by vol-a-1');
  expect(down.stdout + down.stderr).toContain('kept: volume vol_data, 1 anonymous volume');
  expect(after).toContain('vol_data');
  expect(sh('a', 'cat /data/x')).toBe('kept');
  world.berth('down', '-v');
  expect(names()).toEqual([]);
  expect(existsSync(dataOf('vol_data'))).toBe(false);
});

test("ls, inspect, create, rm and prune have docker's flags", () => {
  world.write('stack.yaml', STACK);
  world.berth('up', '-d');

  expect(world.berth('volume', 'create', '--label', 'kind=mine', 'mine')).toMatchObject({ code: 0, stdout: 'mine\n' });
  expect(world.berth('volume', 'create').stdout).toMatch(/^[0-9a-f]{64}\n$/);
  expect(world.berth('volume', 'create', 'no/good').stderr).toContain('volume name "no/good" is not allowed');
  expect(names('-f', 'name=vol_')).toEqual(['vol_data']);
  expect(names('--filter', 'label=kind')).toEqual(['mine', 'vol_data']);
  expect(names('--filter', 'label=kind=mine', '--filter', 'dangling=true')).toEqual(['mine']);
  expect(names('--filter', 'dangling=false')).toHaveLength(2);
  expect(list('--filter', 'name=vol_data')).toMatchObject([
    {
      UsedBy: ['vol-a-1'],
      Labels: { kind: 'test', 'com.docker.compose.project': 'vol', 'com.docker.compose.volume': 'data' },
    },
  ]);
  expect(world.berth('volume', 'ls', '--format', '{{.Name}} {{.Driver}}', '-f', 'name=mine').stdout).toBe(
    'mine local\n',
  );
  expect(world.berth('volume', 'inspect', '-f', '{{.Mountpoint}}', 'mine').stdout).toBe(`${dataOf('mine')}\n`);
  expect(world.berth('volume', 'inspect', 'mien').stderr).toContain('did you mean mine?');
  expect(world.berth('volumes', '-q').stdout).toContain('vol_data');
  expect(world.berth('volumes', '-q').stdout).not.toContain('mine');
  expect(world.berth('volume', 'rm', 'none')).toMatchObject({ code: 1 });
  expect(world.berth('volume', 'rm', '-f', 'none')).toMatchObject({ code: 0 });
  const asked = world.berth('volume', 'prune');
  expect(asked).toMatchObject({ code: 2 });
  world.berth('volume', 'prune', '-f');
  expect(names('--filter', 'dangling=true')).toEqual(['mine']);
  const pruned = world.berth('volume', 'prune', '-a', '-f', '--filter', 'label!=kind=mine');
  expect(pruned.stdout).toBe('Total reclaimed space: 0 B\n');
  world.berth('volume', 'prune', '-a', '-f', '--filter', 'label=kind=mine');
  expect(names()).toHaveLength(2);
});

test('export and import keep owners, modes, times, links, attributes, access lists, holes and pipes', () => {
  world.berth('volume', 'create', 'from');
  const from = dataOf('from');
  execFileSync('sh', [
    '-c',
    `cd ${from} && mkdir -p a/b && echo hello > a/b/f && ln a/b/f twin && ln -s /etc/shadow link && ln -s nowhere dangling && mkfifo pipe &&
     truncate -s 64M holes && printf mid | dd of=holes bs=1 seek=33000000 conv=notrunc status=none && printf end >> holes &&
     setfattr -n user.color -v 'blue and green' a/b/f && setfacl -m u:4321:rw a/b/f && setcap cap_net_raw+ep a/b/f &&
     chown -hR 999:998 a link && chmod 4751 a/b && touch -d @1000000000 a/b/f a && echo x > 'a/line
break' && echo y > ${'n'.repeat(200)} && chmod 2770 . && chown 999:998 .`,
  ]);

  expect(world.berth('volume', 'export', 'from', '-o', 'out.tar')).toMatchObject({ code: 0 });
  const made = world.berth('volume', 'import', 'to', 'out.tar');
  execFileSync('gzip', ['-kf', join(world.folder, 'out.tar')]);
  const zipped = world.berth('volume', 'import', 'zipped', 'out.tar.gz');

  expect(made).toMatchObject({ code: 0 });
  expect(zipped).toMatchObject({ code: 0 });
  for (const to of ['to', 'zipped']) expect(factsOf(dataOf(to))).toEqual(factsOf(from));
  expect(statSync(join(dataOf('to'), 'holes')).blocks).toBeLessThan(1000);
  expect(statSync(join(dataOf('to'), 'twin')).ino).toBe(statSync(join(dataOf('to'), 'a/b/f')).ino);
  /* Other programs read it too. */
  mkdirSync(join(world.folder, 'gnu'), { recursive: true });
  execFileSync('tar', [
    '-C',
    join(world.folder, 'gnu'),
    '--xattrs',
    '--xattrs-include=*',
    '-xf',
    join(world.folder, 'out.tar'),
  ]);
  expect(execFileSync('cmp', [join(world.folder, 'gnu/holes'), join(from, 'holes')], { encoding: 'utf8' })).toBe('');
});

/** Everything that a copy has to keep, of every file. */
function factsOf(folder: string): string[] {
  const stat = execFileSync(
    'find',
    [folder, '-mindepth', '0', '-printf', '%P %y %U:%G %m %s %n %l'.concat(' %Ts\\0')],
    { encoding: 'utf8' },
  );
  const attributes = execFileSync('sh', ['-c', 'cd "$0" && getfattr -Rd -m - -h . 2>/dev/null || true', folder], {
    encoding: 'utf8',
  });
  /* Sizes of folders are the file system's own; so are their times where files were put in last. */
  const lines = stat
    .split('\0')
    .map((line) => line.replace(/^(.* d \S+ \S+) \d+ (\d+)/, '$1 $2').replace(/^( d .*) \d+$/, '$1'));
  return [...lines.sort(), ...attributes.split('\n\n').sort()];
}

test('an import into what is not empty, or runs, is refused; --replace replaces', () => {
  world.write('stack.yaml', STACK);
  world.berth('up', '-d');
  sh('a', 'echo old > /data/old');
  world.berth('volume', 'export', 'vol_data', '-o', 'out.tar');
  sh('a', 'mv /data/old /data/new');

  const running = world.berth('volume', 'import', 'vol_data', 'out.tar');
  world.berth('stop');
  const full = world.berth('volume', 'import', 'vol_data', 'out.tar');
  const replaced = world.berth('volume', 'import', '--replace', 'vol_data', 'out.tar');
  writeFileSync(join(world.folder, 'broken.tar'), 'this is no archive'.repeat(100));
  const broken = world.berth('volume', 'import', 'fresh', 'broken.tar');

  expect(running.stderr).toContain('vol-a-1 runs with volume vol_data');
  expect(full.stderr).toContain('volume vol_data is not empty');
  expect(replaced).toMatchObject({ code: 0 });
  expect(readdirSync(dataOf('vol_data'))).toEqual(['old']);
  expect(broken.code).toBe(1);
  expect(broken.stderr).toContain('it is no tar archive');
});

test('an external volume that is missing is told with its line, and the one that was meant', () => {
  const file = (name: string) =>
    `services: {a: {image: host, command: sleep 1000, volumes: ["data:/data"]}}\nvolumes:\n  data: {external: true, name: ${name}}\n`;
  world.berth('volume', 'create', 'orders');
  world.write('stack.yaml', file('ordesr'));

  const missing = world.berth('up', '-d');
  world.write('stack.yaml', file('orders'));
  const found = world.berth('up', '-d');
  world.berth('down', '-v');

  expect(missing).toMatchObject({ code: 1 });
  expect(missing.stderr).toContain('there is no volume ordesr');
  expect(missing.stderr).toContain('stack.yaml:3');
  expect(missing.stderr).toContain('did you mean orders?');
  expect(found).toMatchObject({ code: 0 });
  expect(names()).toEqual(['orders']);
});

test('two folders with stacks of one name leave each other alone', () => {
  world.write('stack.yaml', `name: shop\n${STACK}`);
  world.write(
    'other/stack.yaml',
    `name: shop\nservices: {b: {image: host, command: sleep 1000, volumes: ["data:/data"]}}\nvolumes: {data: {}}\n`,
  );
  const elsewhere = ['-f', 'other/stack.yaml'];
  world.berth('up', '-d');

  const up = world.berth(...elsewhere, 'up', '-d');
  const down = world.berth(...elsewhere, 'down', '-v');
  const stillUp = world.berth('ps', '-q').stdout.split('\n').filter(Boolean);
  world.berth('down');
  const taken = world.berth(...elsewhere, 'up', '-d');
  const downOther = world.berth(...elsewhere, 'down', '-v');
  const kept = names();
  world.berth('down', '-v');

  expect(up).toMatchObject({ code: 1 });
  expect(up.stderr).toContain('a stack with the name shop is up from another folder');
  expect(up.stderr).toContain(join(world.folder, 'stack.yaml'));
  expect(down).toMatchObject({ code: 1 });
  expect(stillUp).toHaveLength(1);
  expect(taken).toMatchObject({ code: 0 });
  expect(taken.stderr).toContain('volume shop_data was made by the stack in');
  expect(downOther.stderr).toContain('volume shop_data stays');
  expect(kept).toContain('shop_data');
  expect(names()).not.toContain('shop_data');
});

test("--remove-orphans from another file of the folder does not remove that file's services", () => {
  world.write('one.yaml', 'services: {a: {image: host, command: sleep 1000}}\n');
  world.write('two.yaml', 'services: {b: {image: host, command: sleep 1000}}\n');
  world.berth('-f', 'one.yaml', 'up', '-d');

  const refused = world.berth('-f', 'two.yaml', 'up', '-d', '--remove-orphans');
  const both = world.berth('-f', 'one.yaml', '-f', 'two.yaml', 'up', '-d', '--remove-orphans');
  world.write('stack.yaml', STACK);
  const running = world
    .ps()
    .map((row) => row.Service)
    .sort();

  expect(refused).toMatchObject({ code: 1 });
  expect(refused.stderr).toContain('its a would be removed as orphans');
  expect(both).toMatchObject({ code: 0 });
  expect(running).toEqual(['a', 'b']);
});

test('driver_opts: a folder, a file system in memory that goes with its last container', async () => {
  mkdirSync(join(world.folder, 'real'), { recursive: true });
  world.write(
    'stack.yaml',
    `services:
  a: {image: host, command: sleep 1000, volumes: ["bound:/bound", "memory:/memory"]}
  b: {image: host, command: sleep 1000, volumes: ["memory:/memory"]}
volumes:
  bound: {driver_opts: {type: none, o: bind, device: ${join(world.folder, 'real')}}}
  memory: {driver: local, driver_opts: {type: tmpfs, o: "size=3m,mode=0750", device: tmpfs}}
`,
  );
  expect(world.berth('up', '-d')).toMatchObject({ code: 0 });

  sh('a', 'echo bound > /bound/x; echo shared > /memory/x');
  const shared = sh('b', 'cat /memory/x');
  const mounted = mounts()
    .split('\n')
    .filter((line) => line.includes('vol_memory'));
  world.berth('stop', 'a');
  const still = mounts().includes('vol_memory');
  world.berth('stop');

  expect(readFileSync(join(world.folder, 'real/x'), 'utf8')).toBe('bound\n');
  expect(shared).toBe('shared');
  expect(mounted).toHaveLength(1);
  expect(mounted[0]).toMatch(/- tmpfs tmpfs rw,size=3072k,mode=750/);
  expect(still).toBe(true);
  await eventually(() => !mounts().includes('vol_memory'));
  world.berth('down', '-v');
  expect(existsSync(join(world.folder, 'real/x'))).toBe(true);
});

test('driver_opts that can not be mounted are a clear error; other options than before are refused', () => {
  const stack = (options: string) =>
    `services: {a: {image: host, command: sleep 1000, volumes: ["data:/data"]}}\nvolumes:\n  data: {driver_opts: {${options}}}\n`;
  world.write('stack.yaml', stack('type: none, o: bind, device: /no/such/folder'));
  const missing = world.berth('up', '-d');
  world.berth('down', '-v');
  world.write('stack.yaml', stack('type: nosuchfs, device: none'));
  const unknown = world.berth('up', '-d');
  world.write('stack.yaml', stack('type: tmpfs, device: tmpfs'));
  const other = world.berth('up', '-d');
  world.write('stack.yaml', stack('type: tmpfs, devise: tmpfs'));
  const typo = world.berth('up', '-d');

  expect(missing.stderr).toContain('its device /no/such/folder does not exist');
  expect(missing.stderr).toContain('stack.yaml:1');
  expect(unknown.stderr).toMatch(
    /volume vol_data: nosuchfs none can not be mounted: .*(special device|unknown filesystem)/,
  );
  expect(other.stderr).toContain('exists with other driver_opts');
  expect(typo.stderr).toContain('"devise" is no option of the local driver');
});

test('nfs is mounted by mount(8) with the right words, and cifs passwords are on no process list', () => {
  const bin = join(world.folder, 'bin');
  mkdirSync(bin, { recursive: true });
  const log = join(world.folder, 'mount.log');
  /* Stands for a server that is not there: notes its words and mounts memory. */
  writeFileSync(
    join(bin, 'mount'),
    `#!/bin/sh\nfor w in "$@"; do printf '%s|' "$w"; done >> ${log}; echo "PASSWD=$PASSWD" >> ${log}\nfor last in "$@"; do :; done\nexec /bin/mount -t tmpfs stand-in "$last"\n`,
  );
  chmodSync(join(bin, 'mount'), 0o755);
  world.write(
    'stack.yaml',
    `services: {a: {image: host, command: sleep 1000, volumes: ["nfs:/nfs", "six:/six", "cifs:/cifs"]}}
volumes:
  nfs: {driver_opts: {type: nfs, o: "addr=10.0.0.1,rw,nfsvers=4", device: ":/exports/data"}}
  six: {driver_opts: {type: nfs4, o: "addr=fd00::1,ro", device: ":/x"}}
  cifs: {driver_opts: {type: cifs, o: "username=me,password=hush-9", device: "//server/share"}}
`,
  );
  world.berth('engine', 'stop');
  const up = spawnSync('nsenter', [`--net=/run/netns/${world.netns}`, BERTH, 'up', '-d'], {
    cwd: world.folder,
    env: { ...world.env, PATH: `${bin}:${process.env.PATH}` },
    encoding: 'utf8',
  });

  expect(up).toMatchObject({ status: 0 });
  const calls = readFileSync(log, 'utf8').trim().split('\n').sort();
  expect(calls).toEqual([
    `-t|cifs|-o|username=me|--|//server/share|${dataOf('vol_cifs')}|PASSWD=hush-9`,
    `-t|nfs4|-o|ro|--|[fd00::1]:/x|${dataOf('vol_six')}|PASSWD=`,
    `-t|nfs|-o|rw,nfsvers=4|--|10.0.0.1:/exports/data|${dataOf('vol_nfs')}|PASSWD=`,
  ]);
  world.berth('down', '-v');
  expect(mounts()).not.toContain(world.dataRoot);
  world.berth('engine', 'stop');
});

/* T-RT-20: VOLUMEs of an image that lead upwards, are absolute links, or go through one. */
test("an image's VOLUMEs are anonymous volumes, and none of them leads outside of the container", () => {
  const root = join(world.folder, 'root');
  execFileSync('sh', [
    '-c',
    `rm -rf ${root}; mkdir -p ${root}/bin ${root}/etc ${root}/proc ${root}/sys ${root}/dev ${root}/data ${root}/real && cp /bin/busybox ${root}/bin/sh && echo image > ${root}/data/f && echo image > ${root}/etc/hostname &&
     ln -s /etc ${root}/link && echo deep > ${root}/real/f && ln -s /real ${root}/way`,
  ]);
  writeFileSync(
    join(world.folder, 'Dockerfile'),
    'FROM scratch\nCOPY root/ /\nVOLUME ["/data", "/../../../etc", "/link/sub", "/way"]\nCMD ["/bin/sh", "-c", "sleep 1000"]\n',
  );
  world.write('stack.yaml', 'services: {a: {image: volumes-box}}\n');

  expect(world.berth('image', 'build', '-t', 'volumes-box', '.')).toMatchObject({ code: 0 });

  const up = world.berth('up', '-d');

  expect(up).toMatchObject({ code: 0 });
  expect(sh('a', 'cat /data/f /way/f')).toBe('image\ndeep');
  const volumes = list();
  expect(volumes).toHaveLength(4);
  const files = volumes.flatMap(({ Name }) => readdirSync(dataOf(Name)));
  expect(files).not.toContain('shadow');
  expect(existsSync('/etc/sub')).toBe(false);
  world.berth('down', '-v');
  world.berth('image', 'rm', 'volumes-box');
  world.berth('builder', 'prune', '--all');
});

const PROGRAMS = execFileSync('sh', ['-c', 'dirname "$(ls -d /usr/lib/postgresql/*/bin/postgres | tail -1)"'], {
  encoding: 'utf8',
}).trim();

test('data of PostgreSQL is there after a recreation, after down and up, and in a copy of the volume', async () => {
  const stack = (setting: string, volume: string) => `services:
  own: {image: host, command: "chown 65534:65534 /data", volumes: ["${volume}:/data"]}
  db:
    image: host
    user: nobody
    environment: {PGDATA: /data/db, LC_ALL: C, SETTING: ${setting}, HOME: /tmp}
    tmpfs: [/tmp]
    command:
      - sh
      - -c
      - "test -e $$PGDATA || ${PROGRAMS}/initdb -U me -A trust >/dev/null; exec ${PROGRAMS}/postgres -k /tmp"
    volumes: ["${volume}:/data"]
    depends_on: {own: {condition: service_completed_successfully}}
    healthcheck: {test: ["CMD", "${PROGRAMS}/pg_isready", "-h", "/tmp", "-U", "me"], interval: 1s, retries: 60}
volumes: {${volume}: {}}
`;
  const query = (text: string) =>
    world
      .berth('exec', '-T', 'db', `${PROGRAMS}/psql`, '-h', '/tmp', '-U', 'me', '-tAc', text, 'postgres')
      .stdout.trim();
  world.write('stack.yaml', stack('one', 'data'));
  const first = world.berth('up', '-d', '--wait');
  expect(`${first.code} ${first.stderr}`).toMatch(/^0 /);
  query('create table t (n int); insert into t select generate_series(1, 1000)');

  world.write('stack.yaml', stack('two', 'data'));
  world.berth('up', '-d', '--wait');
  const recreated = query('select sum(n) from t');
  world.berth('down');
  world.berth('volume', 'export', 'vol_data', '-o', 'db.tar');
  world.berth('volume', 'import', 'vol_copy', 'db.tar');
  world.berth('up', '-d', '--wait');
  const again = query('select sum(n) from t');
  world.berth('down');
  world.write('stack.yaml', stack('two', 'copy'));
  world.berth('up', '-d', '--wait');
  const copied = query('select sum(n) from t');

  expect([recreated, again, copied]).toEqual(['500500', '500500', '500500']);
});
