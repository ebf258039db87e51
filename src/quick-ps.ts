/**
 * The quick way for `ps`: one request by hand, the same table and JSON as the ordinary way.
 */
import { connect } from 'node:net';
import { API_VERSION, VERSION_HEADER } from './api/wire-names.ts';
import { rootsFromEnvironment } from './base/roots.ts';
import type { ContainerSummary } from './engine/answers.ts';
import { readStackName } from './stackfile/stack-name.ts';
import { printLine } from './ui/output.ts';
import { type ContainerView, containerLines } from './ui/print-containers.ts';

type QuickPs = ContainerView & {
  readonly all: boolean;
  readonly json: boolean;
  readonly project: string | undefined;
  readonly services: readonly string[];
};

/** undefined for flags that it does not know. */
export function parsePs(argv: readonly string[]): QuickPs | undefined {
  const found = {
    all: false,
    json: false,
    quiet: false,
    servicesOnly: false,
    project: undefined as string | undefined,
  };
  const services: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const token = argv[at]!;
    if (token === '-a' || token === '--all') found.all = true;
    else if (token === '--json') found.json = true;
    else if (token === '-q' || token === '--quiet') found.quiet = true;
    else if (token === '--services') found.servicesOnly = true;
    else if ((token === '-p' || token === '--project-name') && argv[at + 1] !== undefined) found.project = argv[++at];
    else if (token.startsWith('-')) return undefined;
    else services.push(token);
  }
  return { ...found, services };
}

/** false when the ordinary way has to tell why. */
export async function psQuickly({ project, all, json, services, ...view }: QuickPs): Promise<boolean> {
  const stack = await readStackName({ cwd: process.cwd(), env: process.env, files: [], projectName: project });
  const { engineSocket } = rootsFromEnvironment(process.env, process.geteuid?.() ?? 0);
  const query = new URLSearchParams([['stack', stack], ...services.map((name): [string, string] => ['service', name])]);
  if (all) query.append('all', '1');
  const body = await get(engineSocket, `/v1/containers?${query}`);
  if (body === undefined) return false;
  const rows = JSON.parse(body) as ContainerSummary[];
  if (json) printLine(JSON.stringify(rows, null, 2));
  else for (const line of containerLines(rows, view)) printLine(line);
  return true;
}

/** The body of an answer with status 200; undefined for any other, and when no engine answers. */
function get(socketPath: string, path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.once('error', () => resolve(undefined));
    socket.once('close', () => {
      const answer = Buffer.concat(chunks);
      const end = answer.indexOf('\r\n\r\n');
      const ok = end > 0 && answer.toString('latin1', 0, 13).endsWith(' 200 ');
      resolve(ok ? answer.toString('utf8', end + 4) : undefined);
    });
    socket.end(`GET ${path} HTTP/1.1\r\nhost: berth\r\nconnection: close\r\n${VERSION_HEADER}: ${API_VERSION}\r\n\r\n`);
  });
}
