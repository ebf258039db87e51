/** Logs that are sent on: real sockets, a real program, and targets that go away. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ForwardLog, forwardLog } from '../../../src/engine/logs/forward/forward-log.ts';
import { readForwardState } from '../../../src/engine/logs/forward/forward-state.ts';
import type { LogForward } from '../../../src/model/service-logs.ts';
import { eventually } from '../../e2e/test-world.ts';

let folder: string;
let path: string;
let end: () => Promise<void>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'berth-forward-'));
  path = join(folder, 'log');
  end = async () => {};
});
afterEach(async () => {
  await end();
  rmSync(folder, { recursive: true, force: true });
});

const record = (n: number, text = `line ${n}`, stream = 'stdout', flag = 'F') =>
  `2026-01-01T00:00:00.${String(n).padStart(9, '0')}Z ${stream} ${flag} ${text}\n`;

/** The sending of `path`; `over` says that its container has ended. */
function forwarding(forward: LogForward) {
  const stop = new AbortController();
  let isOver = false;
  let wake = () => {};
  const failures: (string | undefined)[] = [];
  const log: ForwardLog = {
    path,
    forward,
    sender: { stack: 'shop', service: 'web', replica: 1, container: 'shop-web-1' },
    signal: stop.signal,
    isOver: () => isOver,
    onWake(next) {
      wake = next;
      return () => {};
    },
    onTarget: (failure) => failures.push(failure),
  };
  const done = forwardLog(log);
  end = async () => {
    stop.abort();
    await done;
  };
  return {
    done,
    failures,
    stop: end,
    over() {
      isOver = true;
      wake();
    },
  };
}

/** Messages of a TCP or unix server, with what is needed to end and restart it. */
function syslogServer() {
  const messages: string[] = [];
  const sockets = new Set<Socket>();
  const make = () =>
    createServer((socket) => {
      sockets.add(socket);
      let rest = '';
      socket.on('data', (data) => {
        rest += data.toString('latin1');
        for (let head = /^(\d+) /.exec(rest); head; head = /^(\d+) /.exec(rest)) {
          const length = Number(head[1]);
          if (rest.length < head[0].length + length) return;
          messages.push(rest.slice(head[0].length, head[0].length + length));
          rest = rest.slice(head[0].length + length);
        }
      });
      socket.on('error', () => {});
    });
  let server = make();
  return {
    messages,
    /** The part after the header. */
    texts: () => messages.map((message) => message.split(' - - ')[1]),
    async listen(at: number | string) {
      server = make();
      server.listen(typeof at === 'string' ? { path: at } : { port: at, host: '127.0.0.1' });
      await once(server, 'listening');
      return (server.address() as AddressInfo).port;
    },
    async close() {
      for (const socket of sockets) socket.resetAndDestroy();
      sockets.clear();
      server.close();
      await once(server, 'close');
    },
  };
}

test('syslog over TCP: RFC 5424 with the length before it, to the end of the container', async () => {
  writeFileSync(path, record(1) + record(2, 'ha', 'stderr', 'P') + record(3, 'lf', 'stderr'));
  const server = syslogServer();
  const port = await server.listen(0);

  const sending = forwarding({ kind: 'syslog', to: { protocol: 'tcp', host: '127.0.0.1', port } });
  await eventually(() => server.messages.length === 2);
  appendFileSync(path, record(4, 'a byte: \xff'));
  sending.over();
  await sending.done;
  await eventually(() => server.messages.length === 3);
  await server.close();

  expect(server.messages[0]).toMatch(/^<30>1 2026-01-01T00:00:00\.000000Z \S+ web shop-web-1 - - line 1$/);
  expect(server.messages[1]).toMatch(/^<27>1 .* half$/);
  expect((await readForwardState(folder))?.isDone).toBe(true);
});

test('a target that breaks and comes back misses nothing, also over rotation and a new engine', async () => {
  writeFileSync(path, Array.from({ length: 500 }, (_, i) => record(i)).join(''));
  const server = syslogServer();
  const port = await server.listen(0);
  const forward: LogForward = { kind: 'syslog', to: { protocol: 'tcp', host: '127.0.0.1', port } };
  const first = forwarding(forward);
  await eventually(() => server.messages.length >= 500);

  await server.close();
  await eventually(() => first.failures.at(-1) !== undefined);
  appendFileSync(path, Array.from({ length: 500 }, (_, i) => record(500 + i)).join(''));
  renameSync(path, `${path}.1`);
  writeFileSync(path, record(1000));
  await first.stop();
  await server.listen(port);
  const second = forwarding(forward);
  second.over();
  await second.done;
  await eventually(() => server.texts().includes('line 1000'));
  await server.close();

  const seen = new Set(server.texts());
  expect(Array.from({ length: 1001 }, (_, i) => `line ${i}`).filter((line) => !seen.has(line))).toEqual([]);
});

test('syslog over a unix socket, and over UDP a datagram a line', async () => {
  writeFileSync(path, record(1) + record(2));
  const socket = join(folder, 'syslog.sock');
  const server = syslogServer();
  await server.listen(socket);
  const sending = forwarding({ kind: 'syslog', to: { protocol: 'unix', path: socket } });
  sending.over();
  await sending.done;
  await eventually(() => server.messages.length === 2);
  await server.close();
  rmSync(join(folder, 'forward.json'));
  const udp = createSocket('udp4');
  const datagrams: string[] = [];
  udp.on('message', (message) => datagrams.push(message.toString()));
  udp.bind(0, '127.0.0.1');
  await once(udp, 'listening');

  const overUdp = forwarding({ kind: 'syslog', to: { protocol: 'udp', host: '127.0.0.1', port: udp.address().port } });
  overUdp.over();
  await overUdp.done;
  await eventually(() => datagrams.length === 2);
  udp.close();

  expect(server.texts()).toEqual(['line 1', 'line 2']);
  expect(datagrams.map((text) => text.split(' - - ')[1])).toEqual(['line 1', 'line 2']);
});

test('a command gets the lines and its names, and is started again when it ends too early', async () => {
  writeFileSync(path, record(1));
  const out = join(folder, 'out');
  const script = `[ -e ${out} ] || { touch ${out}; exit 1; }; echo "$BERTH_SERVICE $BERTH_REPLICA" >> ${out}; cat >> ${out}`;

  const sending = forwarding({ kind: 'command', command: ['sh', '-c', script], folder });
  await eventually(() => readIfThere(out).includes('line 1'));
  appendFileSync(path, record(2));
  sending.over();
  await sending.done;

  expect(readFileSync(out, 'utf8').trim().split('\n')).toEqual(['web 1', 'line 1', 'line 2']);
});

test('a command that does not exist is tried again, and says so', async () => {
  writeFileSync(path, record(1));

  const sending = forwarding({ kind: 'command', command: ['/no/such/program'], folder });
  await eventually(() => sending.failures.length > 1);

  expect(sending.failures[0]).toContain('ENOENT');
});

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
