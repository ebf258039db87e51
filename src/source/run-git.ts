/**
 * git, so that nothing of a repository is executed and nothing is asked: no hooks, no filters, no submodules.
 *
 * Only the commands that talk to a server know the person's own configuration,
 * for credentials and proxies; the one that writes files knows none.
 */
import { BerthError } from '../base/errors.ts';
import { runCommand } from '../base/run-command.ts';
import { type GitSource, withoutPassword } from './source-reference.ts';

export type GitRun = {
  readonly source: GitSource;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
};

/** Of one file that git writes: a pack, or a file of the checkout. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;
/** A list of more files than are fetched. */
const MAX_OUTPUT_BYTES = 8 * 1024 * 1024;
const PASSED = [
  'HOME',
  'XDG_CONFIG_HOME',
  'SSH_AUTH_SOCK',
  'GIT_SSH_COMMAND',
  'GIT_SSL_CAINFO',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
];
const SAFE = ['core.hooksPath=/dev/null', 'core.fsmonitor=false', 'submodule.recurse=false', 'gc.auto=0'];

/** For commands that ask the server. SOURCE_FAILED with git's own words. */
export async function askServer(run: GitRun, args: readonly string[]): Promise<string> {
  const passed = PASSED.flatMap((name) => (run.env[name] === undefined ? [] : [[name, run.env[name]]]));
  return await git(run, args, { GIT_SSH_COMMAND: 'ssh -oBatchMode=yes', ...Object.fromEntries(passed) });
}

/** For commands on what has come. */
export async function onDisk(run: GitRun, args: readonly string[]): Promise<string> {
  return await git(run, args, { GIT_CONFIG_GLOBAL: '/dev/null', HOME: '/nonexistent' });
}

async function git(
  { source, signal }: GitRun,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const protocols = source.protocol === 'http' ? 'http:https' : source.protocol;
  const settings = [
    ...SAFE,
    'protocol.allow=never',
    ...protocols.split(':').map((one) => `protocol.${one}.allow=always`),
  ];
  const words = [`--fsize=${MAX_FILE_BYTES}`, 'git', ...settings.flatMap((one) => ['-c', one]), ...args];
  const closed = {
    GIT_ALLOW_PROTOCOL: protocols,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '/bin/false',
    GIT_LFS_SKIP_SMUDGE: '1',
  };
  try {
    return (await runCommand('prlimit', words, { signal, env: { ...env, ...closed }, maxBytes: MAX_OUTPUT_BYTES }))
      .stdout;
  } catch (error) {
    throw readable(error, source, signal);
  }
}

function readable(error: unknown, { title }: GitSource, signal: AbortSignal): unknown {
  if (!(error instanceof BerthError) || error.code !== 'COMMAND_FAILED') return error;
  const words = withoutPassword(error.message.split('failed: ').at(-1) ?? '').replace(/^(fatal|error): /, '');
  if (words.includes('failed to execute git'))
    return new BerthError('HOST_LACKS_PROGRAM', 'git is not installed on this machine', { hint: 'apt install git' });
  const why = signal.aborted ? 'it took too long' : words.includes('did not finish') ? TOO_LARGE : words;
  return new BerthError('SOURCE_FAILED', `${title} can not be fetched: ${why}`, {
    hint: 'check the address; `git ls-remote` with it says whether you may read it',
  });
}

const TOO_LARGE = 'it is too large, or git was ended';
