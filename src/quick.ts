/**
 * The quick way for `exec` without a terminal: no oclif, no HTTP client, nothing that is not needed.
 *
 * Scripts and health checks call it by the hundred. Whatever it does not know
 * (another flag, no engine, a terminal) it leaves to the ordinary way, which
 * means the same; it never decides anything on its own.
 */
import { sessionOn } from './api/client-session.ts';
import { openSocket } from './api/upgrade-socket.ts';
import { BerthError } from './base/errors.ts';
import { rootsFromEnvironment } from './base/roots.ts';
import type { ExecRequest } from './engine/engine.ts';
import { readStackName } from './stackfile/stack-name.ts';
import { attachTerminal } from './ui/attach-terminal.ts';
import { endOnClosedPipe } from './ui/output.ts';
import { printError } from './ui/print-error.ts';

type QuickExec = Pick<ExecRequest, 'service' | 'index' | 'command' | 'env' | 'user' | 'workingDir'> & {
  readonly project: string | undefined;
};

/** true when it has done the whole command. */
export async function quick(argv: readonly string[]): Promise<boolean> {
  if (argv[0] !== 'exec' || (process.stdin.isTTY && process.stdout.isTTY && !argv.includes('-T'))) return false;
  const parsed = parseExec(argv.slice(1));
  if (!parsed) return false;
  endOnClosedPipe();
  try {
    return await execQuickly(parsed);
  } catch (error) {
    printError(error);
    process.exitCode = error instanceof BerthError ? error.exitCode : 1;
    return true;
  }
}

async function execQuickly({ project, ...parsed }: QuickExec): Promise<boolean> {
  const stack = await readStackName({ cwd: process.cwd(), env: process.env, files: [], projectName: project });
  const roots = rootsFromEnvironment(process.env, process.geteuid?.() ?? 0);
  const socket = await openSocket(roots.engineSocket, '/v1/exec');
  if (!socket) return false;
  const request: ExecRequest = { ...parsed, stack, terminal: null, stdin: true, detach: false };
  const session = await sessionOn(socket, request);
  process.exitCode = await attachTerminal(session, { terminal: false, stdin: true });
  return true;
}

/** Flags by their short and long names; undefined for anything else. */
function parseExec(argv: readonly string[]): QuickExec | undefined {
  const found = {
    project: undefined as string | undefined,
    env: [] as string[],
    index: 1,
    user: undefined as string | undefined,
    workingDir: undefined as string | undefined,
  };
  let at = 0;
  for (; at < argv.length && argv[at]!.startsWith('-'); at++) {
    const [name, inline] = argv[at]!.startsWith('--') ? argv[at]!.split(/=(.*)/s, 2) : [argv[at]];
    if (name === '-T' || name === '--no-tty') continue;
    const value = inline ?? argv[++at];
    if (value === undefined) return undefined;
    if (name === '-p' || name === '--project-name') found.project = value;
    else if (name === '-e' || name === '--env') found.env.push(value);
    else if (name === '-u' || name === '--user') found.user = value;
    else if (name === '-w' || name === '--workdir') found.workingDir = value;
    else if (name === '--index' && /^\d+$/.test(value)) found.index = Number(value);
    else return undefined;
  }
  const [service, ...command] = argv.slice(at);
  return service === undefined || command.length === 0 ? undefined : { ...found, service, command };
}
