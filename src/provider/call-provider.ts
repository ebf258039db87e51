/**
 * One call of a provider's program: `PROGRAM compose --project-name=STACK up|down|stop --OPTION=VALUE SERVICE`.
 *
 * It talks in JSON lines on its stdout, `{"type": ..., "message": ...}`; what
 * is no such line is a fault. Its stderr is the person's to see. The protocol
 * is docker compose's (docs/extension.md there).
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { BerthError, type SourcePos } from '../base/errors.ts';
import type { Provider } from '../model/provider.ts';
import { findProgram } from './find-program.ts';
import { flagsOf, missingOption, type ProviderAction, readMetadata } from './metadata.ts';

export type ProviderCall = {
  readonly provider: Provider;
  readonly stack: string;
  readonly action: ProviderAction;
  /** The stack file's folder. */
  readonly folder: string;
  /** Of its `type`. */
  readonly at?: SourcePos;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onInfo: (message: string) => void;
  readonly signal?: AbortSignal;
};

/** Variables for whoever depends on the service; the names are as they will be. */
export type Told = { readonly own: Readonly<Record<string, string>>; readonly raw: Readonly<Record<string, string>> };

const NOTHING: Told = { own: {}, raw: {} };
const MAX_LINE = 1024 * 1024;

/** PROVIDER_NOT_FOUND or PROVIDER_FAILED, at the line that names it. `stop` is only for those that say they have it. */
export async function callProvider(call: ProviderCall): Promise<Told> {
  const { provider, action, stack, at } = call;
  const program = findProgram(provider.type, call);
  if (program === undefined) throw notFound(call);
  const metadata = await readMetadata(program, call.folder);
  if (action === 'stop' && !metadata?.stop) return NOTHING;
  const missing = missingOption(provider.options, metadata, action);
  if (missing !== undefined) {
    const message = `provider ${provider.type} needs the option ${missing} to bring ${provider.service} ${action}`;
    throw new BerthError('PROVIDER_FAILED', message, {
      at,
      hint: `write it under provider.options: ${missing}: VALUE`,
    });
  }
  const flags = flagsOf(provider.options, metadata, action);
  const args = ['compose', `--project-name=${stack}`, action, ...flags, provider.service];
  return await converse(call, program, args);
}

function notFound({ provider: { type, service }, at }: ProviderCall): BerthError {
  return new BerthError('PROVIDER_NOT_FOUND', `there is no program for provider ${type} of service ${service}`, {
    at,
    hint: `install berth-${type}, docker-${type} or ${type} in a folder of PATH`,
  });
}

type Child = ChildProcessByStdio<Writable, Readable, null>;

async function converse(call: ProviderCall, program: string, args: readonly string[]): Promise<Told> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'], signal: call.signal, cwd: call.folder });
  const ended = endOf(child);
  /* It may not read what it is answered. */
  child.stdin.on('error', () => undefined);
  const told = { own: {}, raw: {} };
  try {
    for await (const line of linesOf(child.stdout, call)) take(line, { call, child, told });
  } catch (error) {
    child.kill('SIGKILL');
    /* What it has started may hold the ends of the pipes open. */
    child.stdin.destroy();
    child.stdout.destroy();
    await ended;
    throw error;
  }
  const end = await ended;
  if (end === 'exit code 0') return told;
  throw failure(call, end);
}

/** `exit code 3`, `killed by SIGTERM`, or why it could not be started. */
async function endOf(child: Child): Promise<string> {
  return await new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('exit', (code, signal) => resolve(signal ? `killed by ${signal}` : `exit code ${code}`));
  });
}

function failure({ provider: { type, service }, action, at }: ProviderCall, why: string): BerthError {
  const what = action === 'up' ? 'bring up' : action === 'down' ? 'take down' : 'stop';
  return new BerthError('PROVIDER_FAILED', `provider ${type} could not ${what} service ${service}: ${why}`, { at });
}

async function* linesOf(stdout: Readable, call: ProviderCall): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of stdout.setEncoding('utf8')) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE) throw failure(call, 'it wrote a line of more than 1 MiB');
    yield* lines;
  }
  yield rest;
}

type Conversation = {
  readonly call: ProviderCall;
  readonly child: Child;
  readonly told: { readonly own: Record<string, string>; readonly raw: Record<string, string> };
};

function take(line: string, { call, child, told }: Conversation): void {
  if (line.trim() === '') return;
  const { type, message } = parseMessage(line, call);
  switch (type) {
    case 'info':
      call.onInfo(message.split('\n')[0]!);
      return;
    case 'debug':
      return;
    case 'error':
      throw failure(call, message.trim());
    case 'setenv':
    case 'rawsetenv': {
      const [key, value] = variableOf(message, call);
      if (type === 'setenv') told.own[`${prefixOf(call.provider.service)}${key}`] = value;
      else told.raw[key] = value;
      return;
    }
    case 'get-service-config':
      child.stdin.write(`${JSON.stringify(call.provider.definition)}\n`);
      return;
    default:
      throw failure(call, `it sent a message of the type "${type}", which means nothing`);
  }
}

function prefixOf(service: string): string {
  return `${service.toUpperCase()}_`;
}

type Message = { readonly type: string; readonly message: string };

function parseMessage(line: string, call: ProviderCall): Message {
  try {
    const { type, message = '' } = JSON.parse(line) as Partial<Message>;
    if (typeof type === 'string' && typeof message === 'string') return { type, message };
  } catch {
    // Told below.
  }
  throw failure(call, `it wrote a line that is no message: ${line.slice(0, 200)}`);
}

function variableOf(message: string, call: ProviderCall): [key: string, value: string] {
  const at = message.indexOf('=');
  if (at < 1 || message.includes('\0')) throw failure(call, `"${message.slice(0, 200)}" is no KEY=VALUE`);
  return [message.slice(0, at), message.slice(at + 1)];
}
