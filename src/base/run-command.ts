/**
 * Runs a tool of the host (ip, nft) to its end; never used on the start path of a container.
 *
 * The only door to execa. Arguments are never given to a shell.
 */
import { execa } from 'execa';
import { BerthError, errnoOf } from './errors.ts';
import { failpoint } from './failpoint.ts';

export type CommandResult = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };

export type CommandOptions = {
  readonly input?: string;
  readonly signal?: AbortSignal;
  /** Beside PATH: for what must not be seen on a list of processes. */
  readonly env?: Readonly<Record<string, string>>;
  /** Of its output, 100 MiB if not given: it is ended when it writes more. */
  readonly maxBytes?: number;
  /** Default true: a non-zero exit throws COMMAND_FAILED. */
  readonly check?: boolean;
};

/** Runs `program`; throws HOST_LACKS_PROGRAM when it is not installed, COMMAND_FAILED with its stderr when it fails. */
export async function runCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const env = { PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin`, LC_ALL: 'C', ...options.env };
  failpoint(`${program}.before`);
  const result = await execa(program, args, {
    input: options.input ?? '',
    cancelSignal: options.signal,
    reject: false,
    extendEnv: false,
    env,
    preferLocal: false,
    ...(options.maxBytes !== undefined && { maxBuffer: options.maxBytes }),
  });
  failpoint(`${program}.after`);
  if (result.exitCode === undefined) {
    if (errnoOf(result) === 'ENOENT') {
      throw new BerthError('HOST_LACKS_PROGRAM', `${program} is not installed on this machine`, {
        hint: 'run `berth doctor` to see what is missing and how to install it',
        cause: result,
      });
    }
    throw new BerthError('COMMAND_FAILED', `${program} did not finish`, { cause: result });
  }
  const { exitCode, stdout, stderr } = result;
  if (exitCode !== 0 && options.check !== false) {
    throw new BerthError(
      'COMMAND_FAILED',
      `${program} ${args.join(' ')} failed: ${stderr.trim() || `exit ${exitCode}`}`,
    );
  }
  return { exitCode, stdout, stderr };
}
