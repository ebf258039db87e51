/**
 * Programs that keep passwords: `docker-credential-NAME get|store|erase|list`.
 *
 * What is secret goes through stdin and stdout only, and never into an error.
 */
import { spawn } from 'node:child_process';
import { BerthError, errnoOf } from '../base/errors.ts';
import type { UserEnvironment } from './docker-config.ts';
import type { Secret } from './secret.ts';

const NAME = /^[A-Za-z0-9._-]+$/;
const TIMEOUT_MS = 60_000;
const MAX_BYTES = 1 << 20;
/** What helpers say when they know nothing of a server. */
const UNKNOWN = /credentials not found|no credentials|not found in native keychain/i;

export type Helper = { readonly name: string; readonly env: UserEnvironment };

/** undefined when it knows none. CREDENTIALS_FAILED. */
export async function getFromHelper(helper: Helper, server: string): Promise<Secret | undefined> {
  const { code, output } = await runHelper(helper, 'get', server);
  if (code !== 0 && UNKNOWN.test(output)) return undefined;
  if (code !== 0) throw failed(helper, 'get', /"secret"/i.test(output) ? `it ended with ${code}` : firstLine(output));
  const answer = parsed(output);
  if (typeof answer?.Username !== 'string' || typeof answer.Secret !== 'string') {
    throw failed(helper, 'get', 'its answer is no JSON with Username and Secret');
  }
  if (answer.Username === '<token>') return { kind: 'identity', token: answer.Secret };
  if (answer.Username === '' && answer.Secret === '') return undefined;
  return { kind: 'password', user: answer.Username, password: answer.Secret };
}

export async function storeInHelper(
  helper: Helper,
  server: string,
  { user, password }: { readonly user: string; readonly password: string },
): Promise<void> {
  const { code } = await runHelper(
    helper,
    'store',
    JSON.stringify({ ServerURL: server, Username: user, Secret: password }),
  );
  /* Its words may repeat what it was given. */
  if (code !== 0) throw failed(helper, 'store', `it ended with ${code}`);
}

export async function eraseFromHelper(helper: Helper, server: string): Promise<void> {
  const { code, output } = await runHelper(helper, 'erase', server);
  if (code !== 0 && !UNKNOWN.test(output)) throw failed(helper, 'erase', firstLine(output));
}

type Ended = { readonly code: number | null; readonly output: string };

function runHelper(helper: Helper, verb: string, input: string): Promise<Ended> {
  const { name, env } = helper;
  if (!NAME.test(name)) throw failed(helper, verb, 'that is no name of a credential helper');
  const child = spawn(`docker-credential-${name}`, [verb], {
    env: { ...env } as NodeJS.ProcessEnv,
    stdio: ['pipe', 'pipe', 'ignore'],
    timeout: TIMEOUT_MS,
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (output.length > MAX_BYTES) child.kill('SIGKILL');
  });
  /* One that does not read its input is no reason to end. */
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(failed(helper, verb, errnoOf(cause) ?? cause.message)));
    child.once('close', (code) => resolve({ code, output }));
  });
}

function parsed(text: string): { readonly Username?: unknown; readonly Secret?: unknown } | undefined {
  try {
    return JSON.parse(text) as { Username?: unknown };
  } catch {
    return undefined;
  }
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0]?.slice(0, 200) ?? '';
}

function failed({ name }: Helper, verb: string, why: string): BerthError {
  const program = `docker-credential-${name}`;
  const hint =
    why === 'ENOENT'
      ? `install ${program}, or take it out of Docker's config.json`
      : `try \`${program} ${verb}\` by hand`;
  return new BerthError('CREDENTIALS_FAILED', `${program} ${verb} failed: ${why}`, { hint });
}
