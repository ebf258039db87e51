/**
 * The command of a `sync+exec` rule, run in every replica; what it says and how it ends is an event.
 */
import { BerthError } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import type { Hook } from '../../model/stack.ts';
import type { ContainerRecord } from '../records.ts';
import { runToEnd } from '../run-to-end.ts';
import type { Site } from './carry-out.ts';

type Execs = { readonly containers: readonly ContainerRecord[]; readonly hook: Hook; readonly cause: number };

/** HOOK_FAILED at the first that fails; containers that do not run are left out. */
export async function execInAll(site: Site, { containers, hook, cause }: Execs): Promise<void> {
  for (const container of containers) {
    if (site.world.live.get(container.id)?.running) await execIn(site, { container, hook, cause });
  }
}

type Exec = Pick<Execs, 'hook' | 'cause'> & { readonly container: ContainerRecord };

async function execIn({ world, record, service, over }: Site, { container, hook, cause }: Exec): Promise<void> {
  const { command: argv, user, workingDir, privileged, environment } = hook;
  const { code, output } = await runToEnd(world, {
    container: container.id,
    execId: newId(),
    argv,
    env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    user: user ?? undefined,
    workingDir: workingDir ?? undefined,
    privileged,
    signal: over,
    last: true,
  });
  if (over.aborted) return;
  const ending = code === null ? 'with an unknown exit code' : `with exit code ${code}`;
  const why = `${container.name}: \`${argv.join(' ')}\` ended ${ending}`;
  const attributes = { exitCode: String(code ?? ''), output: output.trimEnd() };
  world.history.add({ type: 'watch', action: 'exec ended', stack: record.stack.name, service, why, cause, attributes });
  if (code !== 0) throw new BerthError('HOOK_FAILED', why);
}
