/**
 * The quick way for `image build` (`build -t`, `build FOLDER`) without a terminal: builds where nothing has changed
 * take less time than loading the ordinary command does.
 *
 * Whatever it does not know (another flag, no engine, a terminal) it leaves to
 * the ordinary way, which means the same.
 */
import { connect } from 'node:net';
import { connectionError } from './api/connection-error.ts';
import { API_VERSION, VERSION_HEADER } from './api/wire-names.ts';
import { BerthError, type ErrorData, errnoOf, errorData, errorFromData } from './base/errors.ts';
import { rootsFromEnvironment } from './base/roots.ts';
import type { BuildRequest, BuildResult } from './build/build.ts';
import { buildRequestOf, type ImageBuildFlags } from './commands/build-request.ts';
import { summaryOf } from './commands/build-summary.ts';
import type { EngineEvent } from './engine/engine.ts';
import { plainBuildProgress } from './ui/build-progress.ts';
import { listenForInterrupt } from './ui/interrupt.ts';
import { endOnClosedPipe, printLine } from './ui/output.ts';
import { printError } from './ui/print-error.ts';

type QuickBuild = {
  readonly context: string;
  readonly flags: ImageBuildFlags;
  readonly json: boolean;
  readonly quiet: boolean;
};

/** true when it has done the whole command. */
export async function quickBuild(argv: readonly string[]): Promise<boolean> {
  const parsed = parseBuild(argv[0] === 'image' ? argv.slice(2) : argv.slice(1));
  if (!parsed || argv.includes('-')) return false;
  const isLoud = !parsed.json && !parsed.quiet;
  if (isLoud && (process.stderr.isTTY || process.env.COMPOSE_PROGRESS || process.env.COMPOSE_STATUS_STDOUT))
    return false;
  endOnClosedPipe();
  try {
    const { engineSocket } = rootsFromEnvironment(process.env, process.geteuid?.() ?? 0);
    const request = await buildRequestOf(parsed.context, parsed.flags);
    const result = await buildBy(engineSocket, request, isLoud);
    if (result === undefined) return false;
    if (parsed.json) printLine(JSON.stringify(result, null, 2));
    else if (parsed.quiet) printLine(result.id);
    else for (const line of summaryOf(result)) printLine(line);
  } catch (error) {
    process.exitCode = error instanceof BerthError ? error.exitCode : 1;
    if (parsed.json) printLine(JSON.stringify({ error: errorData(error) }, null, 2));
    else printError(error);
  }
  return true;
}

/** undefined: no engine, or another one, answers. */
async function buildBy(socketPath: string, request: BuildRequest, isLoud: boolean): Promise<BuildResult | undefined> {
  const interrupt = listenForInterrupt('ending the build');
  const progress = plainBuildProgress();
  try {
    for await (const text of answerLines(socketPath, JSON.stringify(request), interrupt.signal)) {
      const { event, error, result } = JSON.parse(text) as Line;
      if (error?.code === 'ENGINE_VERSION_MISMATCH') return undefined;
      if (error) throw errorFromData(error);
      if (result) return result;
      if (isLoud && event?.type === 'build') progress.onEvent(event.event);
    }
  } catch (error) {
    if (interrupt.signal.aborted) throw new BerthError('ABORTED', 'interrupted', { cause: error });
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ECONNREFUSED') return undefined;
    throw connectionError(error);
  } finally {
    interrupt.close();
  }
  throw connectionError(Object.assign(new Error('closed'), { code: 'ECONNRESET' }), interrupt.signal);
}

type Line = { readonly event?: EngineEvent; readonly error?: ErrorData; readonly result?: BuildResult };

/** Lines of the answer's body. In version 1.0 of HTTP a body is not chunked, and ends with the connection. */
async function* answerLines(socketPath: string, body: string, signal: AbortSignal): AsyncGenerator<string> {
  const socket = connect(socketPath);
  signal.addEventListener('abort', () => socket.destroy());
  const length = Buffer.byteLength(body);
  socket.write(
    `POST /v1/build HTTP/1.0\r\nhost: berth\r\n${VERSION_HEADER}: ${API_VERSION}\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n${body}`,
  );
  let left = '';
  let isBody = false;
  for await (const chunk of socket.setEncoding('utf8') as AsyncIterable<string>) {
    left += chunk;
    const head: number = isBody ? -1 : left.indexOf('\r\n\r\n');
    if (head >= 0) left = left.slice(head + 4);
    isBody ||= head >= 0;
    if (!isBody) continue;
    const lines = left.split('\n');
    left = lines.pop() ?? '';
    yield* lines;
  }
  if (left !== '' && isBody) yield left;
}

/** undefined for flags that it does not know. */
function parseBuild(argv: readonly string[]): QuickBuild | undefined {
  const lists: Record<string, string[]> = { tag: [], 'build-arg': [], label: [] };
  const single: Record<string, string> = {};
  const on = new Set<string>();
  const places: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const token = argv[at]!;
    const [name, inline] = token.startsWith('--') ? token.split(/=(.*)/s, 2) : [token];
    const flag = FLAGS[name!];
    if (!token.startsWith('-')) places.push(token);
    else if (flag === undefined) return undefined;
    else if (flag.kind === 'on') {
      if (inline !== undefined) return undefined;
      on.add(flag.name);
    } else {
      const value = inline ?? argv[++at];
      if (value === undefined || value.startsWith('-')) return undefined;
      if (flag.kind === 'list') lists[flag.name]!.push(value);
      else single[flag.name] = value;
    }
  }
  if (places.length > 1) return undefined;
  const flags: ImageBuildFlags = { ...lists, ...single, 'no-cache': on.has('no-cache'), pull: on.has('pull') };
  return { context: places[0] ?? '.', flags, json: on.has('json'), quiet: on.has('quiet') };
}

type Flag = { readonly name: string; readonly kind: 'on' | 'list' | 'single' };

const FLAGS: Readonly<Record<string, Flag>> = {
  '-t': { name: 'tag', kind: 'list' },
  '--tag': { name: 'tag', kind: 'list' },
  '-f': { name: 'file', kind: 'single' },
  '--file': { name: 'file', kind: 'single' },
  '--target': { name: 'target', kind: 'single' },
  '--build-arg': { name: 'build-arg', kind: 'list' },
  '--label': { name: 'label', kind: 'list' },
  '--no-cache': { name: 'no-cache', kind: 'on' },
  '--pull': { name: 'pull', kind: 'on' },
  '-q': { name: 'quiet', kind: 'on' },
  '--quiet': { name: 'quiet', kind: 'on' },
  '--json': { name: 'json', kind: 'on' },
};
