/** Standard input and output of a running program: attached clients, stdin, terminals. */
import { existsSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeFrame, FRAME, frameReader } from '../../../src/runtime/frames.ts';
import type { ContainerSpec } from '../../../src/runtime/spec.ts';
import { collect } from './collector.ts';
import { eventually } from './eventually.ts';
import { type RuntimeWorld, runtimeWorld } from './runtime-world.ts';

let world: RuntimeWorld;

beforeAll(async () => {
  world = await runtimeWorld('attach');
});
afterAll(() => world.close());

/** A program that waited for its first client. */
async function attached(
  args: readonly string[],
  stdin: ContainerSpec['stdin'],
  terminal: { rows: number; cols: number } | null = null,
) {
  const { container, spec } = await world.start(args, {
    spec: { stdin, awaitAttach: true },
    process: { terminal },
  });
  const stream = await container.attach();
  const seen = collect(stream);
  await container.started;
  return { container, spec, stream, seen };
}

test('the client that was waited for sees the first byte and the exit', async () => {
  const { container, seen } = await attached(['sh', '-c', 'echo first; echo bad >&2; exit 4'], 'null');

  await container.exited;

  await eventually(() => seen.exit);
  expect(seen).toMatchObject({ stdout: 'first\n', stderr: 'bad\n', exit: { code: 4, signal: 0 } });
});

test('a start that fails after the client came is told to who waits for the start', async () => {
  const { container } = await world.start(['missing'], { spec: { awaitAttach: true } });

  await container.attach();

  await expect(container.started).rejects.toMatchObject({ code: 'COMMAND_NOT_FOUND' });
  await eventually(async () => (await world.runtime.listCgroups()).length === 0);
});

test('stdin that is null is at its end at once', async () => {
  const ran = await world.run(['cat']);

  expect(ran.exit.code).toBe(0);
});

test('what a client writes is what the program reads, until the end of stdin', async () => {
  const { container, stream, seen } = await attached(['sh', '-c', 'tr a-z A-Z; echo end'], 'once');

  stream.write(Buffer.from('some '));
  stream.write(Buffer.from('text\n'));
  stream.endStdin();

  expect((await container.exited).code).toBe(0);
  await eventually(() => seen.exit);
  expect(seen.stdout).toBe('SOME TEXT\nend\n');
});

test('8 MiB of stdin go through a program that reads slowly, unchanged', async () => {
  const { container, stream, seen } = await attached(['sh', '-c', 'usleep 20000; wc -c'], 'once');

  for (let i = 0; i < 128; i++) stream.write(Buffer.alloc(64 << 10, 'x'));
  stream.endStdin();

  await container.exited;
  await eventually(() => seen.exit);
  expect(seen.stdout).toBe(`${8 << 20}\n`);
});

test('with stdin once, the end of the first client is the end of stdin', async () => {
  const { container, stream } = await attached(['cat'], 'once');

  stream.close();

  expect((await container.exited).code).toBe(0);
});

test('with stdin open, the next client goes on where the first has left', async () => {
  const { container, stream, seen } = await attached(['cat'], 'open');
  stream.write(Buffer.from('one\n'));
  await seen.see('one');
  stream.close();

  const next = await container.attach();
  const second = collect(next);
  next.write(Buffer.from('two\n'));
  await second.see('two');
  next.endStdin();

  expect((await container.exited).code).toBe(0);
});

test('two clients see the same output', async () => {
  const { container, stream, seen } = await attached(['cat'], 'open');
  const second = await container.attach();
  const other = collect(second);

  // The answer to the first byte shows that both are there.
  await eventually(() => {
    stream.write(Buffer.from('.'));
    return other.stdout !== '';
  });
  stream.write(Buffer.from('\nboth\n'));
  stream.endStdin();

  await container.exited;
  await eventually(() => seen.exit && other.exit);
  expect(seen.stdout).toMatch(/\nboth\n$/);
  expect(other.stdout).toMatch(/\nboth\n$/);
});

/** A client that attaches and then reads nothing. */
async function stuckClient(stateDir: string) {
  const socket = createConnection(join(stateDir, 'ctl.sock'));
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.write(encodeFrame(FRAME.command, 'attach'));
  return socket;
}

test('a client that is stuck holds up neither the program nor the log nor another client', async () => {
  const { container, spec, stream, seen } = await attached(['sh', '-c', 'read go; seq 400000'], 'open');
  const stuck = await stuckClient(spec.stateDir);

  stream.write(Buffer.from('go\n'));

  expect((await container.exited).code).toBe(0);
  expect(world.logOf(spec.id).at(-1)!.text).toBe('400000');
  await eventually(() => seen.exit);
  expect(seen.stdout.length).toBe(2_688_895);
  stuck.destroy();
});

test('without a log a slow client gets every byte: the program waits for it', async () => {
  const spec = world.spec(['seq', '400000'], { spec: { awaitAttach: true, log: null } });
  const container = await world.runtime.start(spec);
  const slow = await stuckClient(spec.stateDir);
  await container.started;

  let bytes = 0;
  const read = frameReader();
  slow.on('data', (chunk: Buffer) => {
    for (const frame of read(chunk)) if (frame.type === FRAME.stdout) bytes += frame.payload.length;
  });
  await new Promise((resolve) => slow.once('close', resolve));

  expect(bytes).toBe(2_688_895);
  expect((await container.exited).code).toBe(0);
});

/* Its write failed with EPIPE, which made the socket forget what it had not read: an exec without output, 1 in 100. */
test('a client that writes after the end still gets the output and the exit', async () => {
  const spec = world.spec(['echo', 'all'], { spec: { awaitAttach: true, log: null, stdin: 'once' } });
  const container = await world.runtime.start(spec);
  const late = (await stuckClient(spec.stateDir)).pause();
  await container.started;
  await eventually(() => existsSync(join(spec.stateDir, 'exit')) && !existsSync(join(spec.stateDir, 'ctl.sock')));

  const failed = await new Promise((resolve) => late.write(encodeFrame(FRAME.stdin, 'late'), resolve));
  const frames: string[] = [];
  const read = frameReader();
  late.resume().on('data', (chunk: Buffer) => {
    for (const { type, payload } of read(chunk)) frames.push(`${type} ${payload.toString().split(' ')[0]}`);
  });
  await new Promise((resolve) => late.once('close', resolve));

  expect(failed ?? null).toBeNull();
  expect(frames).toEqual([`${FRAME.answer} ok`, `${FRAME.stdout} all\n`, `${FRAME.exit} 0`]);
});

test('a client that sends nonsense is let go, the container is not', async () => {
  const { container, spec } = await attached(['cat'], 'open');
  const socket = createConnection(join(spec.stateDir, 'ctl.sock'));
  socket.on('error', () => {});

  socket.write(encodeFrame(FRAME.command, 'no-such-command'));
  const answer = await new Promise<Buffer>((resolve) => socket.once('data', resolve));
  socket.write(encodeFrame(99, 'x'.repeat(1000)));
  socket.end();

  expect(answer.subarray(8).toString()).toMatch(/^error \d+$/);
  expect(await world.end(container)).toMatchObject({ code: 137 });
});

test('many clients that come and go leave the container as it was', async () => {
  const { container, stream, seen } = await attached(['cat'], 'open');

  for (let round = 0; round < 200; round++) (await container.attach()).close();
  stream.write(Buffer.from('still here\n'));

  await seen.see('still here');
  await world.end(container);
});

test('with a terminal the program has one, of the size asked for', async () => {
  const { container, seen } = await attached(
    ['sh', '-c', 'stty size; test -t 0 && test -t 1 && test -t 2 && echo tty'],
    'open',
    {
      rows: 33,
      cols: 101,
    },
  );

  await container.exited;

  await eventually(() => seen.exit);
  expect(seen.stdout).toBe('33 101\r\ntty\r\n');
});

test('a resize reaches the program as SIGWINCH with the new size', async () => {
  const script = "trap 'stty size' WINCH; echo ready; while :; do sleep 60 & wait $!; done";
  const { container, seen } = await attached(['sh', '-c', script], 'open', { rows: 24, cols: 80 });
  await seen.see('ready');

  await container.resize(50, 132);

  await seen.see('50 132');
  await world.end(container);
});

test('Ctrl-C is a signal by the terminal', async () => {
  const { container, stream, seen } = await attached(['sh', '-c', 'echo ready; exec cat'], 'open', {
    rows: 24,
    cols: 80,
  });
  await seen.see('ready');

  stream.write(Buffer.from('\x03'));

  expect(await container.exited).toMatchObject({ code: 130, signal: 2 });
});

test('Ctrl-D ends the input of a program on a terminal', async () => {
  const { container, stream, seen } = await attached(['sh', '-c', 'echo ready; cat; exit 9'], 'open', {
    rows: 24,
    cols: 80,
  });
  await seen.see('ready');

  stream.write(Buffer.from('typed\n\x04'));

  expect(await container.exited).toMatchObject({ code: 9 });
});

test('the output of a terminal is in the log, as stdout', async () => {
  const { container, spec } = await attached(['sh', '-c', 'echo out; echo err >&2'], 'open', { rows: 24, cols: 80 });

  await container.exited;

  expect(world.logOf(spec.id).map(({ stream, text }) => [stream, text.trimEnd()])).toEqual([
    ['stdout', 'out'],
    ['stdout', 'err'],
  ]);
});

test('a resize of a container without a terminal is refused', async () => {
  const { container } = await world.start(['sleep', '60']);

  const resize = container.resize(10, 10);

  await expect(resize).rejects.toMatchObject({ code: 'RUNTIME_FAILED' });
  await world.end(container);
});

test('nobody attaches to a container that has ended', async () => {
  const { container } = await world.run(['true']);

  await expect(container.attach()).rejects.toMatchObject({ code: 'CONTAINER_NOT_RUNNING' });
});
