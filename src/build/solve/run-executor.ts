/**
 * One call of the executor: its forms `over`, `untar`, `layer` and `kind`, as child processes without environment.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { BerthError } from '../../base/errors.ts';

/** Layers as one root: topmost first, upper null for reading only. */
export type LayeredRoot = {
  readonly lowers: readonly string[];
  readonly upper: { readonly dir: string; readonly work: string } | null;
  /** Folders of this machine shown under their own path. */
  readonly binds: readonly string[];
};

export function overArguments({ lowers, upper, binds }: LayeredRoot, form: readonly string[]): string[] {
  const shown = binds.map((path) => `--bind=${path}`);
  return ['over', upper?.dir ?? '', upper?.work ?? '', ...shown, ...lowers, '--', ...form];
}

export type Call = {
  readonly executor: string;
  readonly args: readonly string[];
  readonly input?: Readable;
  readonly signal: AbortSignal;
  /** Takes what is printed; without it, it is returned as text. */
  readonly onOutput?: (stream: AsyncIterable<Buffer>) => Promise<void>;
};

/** What is printed, and the line of counts; BUILD_FAILED with the executor's reason. */
export async function callExecutor(call: Call): Promise<{ readonly text: string; readonly report: string }> {
  const { executor, args, input, signal } = call;
  if (signal.aborted) throw new BerthError('ABORTED', 'interrupted');
  const child = spawn(executor, args, { env: {} });
  const kill = () => child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  try {
    const ended = once(child, 'close') as Promise<[number | null]>;
    const complaint = textOf(child.stderr);
    const [fed, text] = await Promise.all([feed(input, child), outputOf(call, child)]);
    const [code] = await ended;
    if (signal.aborted) throw new BerthError('ABORTED', 'interrupted');
    /* Our own stream's failure comes first: the executor only saw its input end. */
    if (fed instanceof BerthError) throw fed;
    if (code !== 0) throw failed(await complaint, fed);
    if (fed !== undefined) throw fed;
    return { text, report: await complaint };
  } finally {
    signal.removeEventListener('abort', kill);
    if (child.exitCode === null) kill();
  }
}

async function outputOf({ onOutput }: Call, child: ChildProcessWithoutNullStreams): Promise<string> {
  if (!onOutput) return await textOf(child.stdout);
  /* What nobody reads when a child ends is thrown away by Node: somebody has to read from the beginning. */
  await onOutput(child.stdout.pipe(new PassThrough()));
  return '';
}

async function feed(input: Readable | undefined, child: ChildProcessWithoutNullStreams): Promise<unknown> {
  if (!input) {
    child.stdin.end();
    return undefined;
  }
  try {
    await pipeline(input, child.stdin);
    return undefined;
  } catch (error) {
    return error;
  }
}

const MAX_TEXT = 4 * 1024 * 1024;

async function textOf(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) if (text.length < MAX_TEXT) text += chunk as string;
  return text;
}

function failed(complaint: string, cause: unknown): BerthError {
  const why = complaint.trim().replace(/^(untar|layer|over|kind): /, '') || 'the executor was killed';
  const isFull = why.includes('No space left');
  return new BerthError('BUILD_FAILED', why, {
    hint: isFull ? 'free some space, or move the data folder (BERTH_DATA_ROOT) to a larger disk' : undefined,
    cause,
  });
}
