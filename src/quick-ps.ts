/**
 * The quick way for `ps`: one request by hand, the same table and JSON as the ordinary way.
 */
import { rootsFromEnvironment } from './base/roots.ts';
import type { ContainerSummary } from './engine/answers.ts';
import { askOnce } from './quick-ask.ts';
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
  const body = await askOnce(engineSocket, { method: 'GET', path: `/v1/containers?${query}` });
  if (body === undefined) return false;
  const rows = JSON.parse(body) as ContainerSummary[];
  if (json) printLine(JSON.stringify(rows, null, 2));
  else for (const line of containerLines(rows, view)) printLine(line);
  return true;
}
