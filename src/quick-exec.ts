/**
 * The quick way for `exec` without a terminal: the session protocol on a socket of our own.
 */
import { sessionOn } from './api/client-session.ts';
import { openSocket } from './api/upgrade-socket.ts';
import { rootsFromEnvironment } from './base/roots.ts';
import type { ExecRequest } from './engine/engine.ts';
import { readStackName } from './stackfile/stack-name.ts';
import { attachTerminal } from './ui/attach-terminal.ts';

type QuickExec = Pick<ExecRequest, 'service' | 'index' | 'command' | 'env' | 'user' | 'workingDir'> & {
  readonly project: string | undefined;
};

/** false when no engine answers. */
export async function execQuickly({ project, ...parsed }: QuickExec): Promise<boolean> {
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
export function parseExec(argv: readonly string[]): QuickExec | undefined {
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
