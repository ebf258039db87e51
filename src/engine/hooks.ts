/**
 * Hooks that run inside a container: after its start, before its stop.
 */
import { deadline } from '../base/deadline.ts';
import { BerthError } from '../base/errors.ts';
import { newId } from '../base/ids.ts';
import type { Hook } from '../model/stack.ts';
import { reportContainer } from './history/report.ts';
import type { ContainerRecord } from './records.ts';
import { runToEnd } from './run-to-end.ts';
import type { World } from './world.ts';

/** Runs all post_start hooks in their order; HOOK_FAILED at the first that fails, the container runs on. */
export async function runPostStart(world: World, record: ContainerRecord): Promise<void> {
  if (record.oneOff) return;
  for (const [index, hook] of hooksOf(record, 'postStart').entries()) {
    const failure = await runHook(world, record, hook, world.closing);
    noteHook(world, record, `post_start[${index}]`, failure);
    if (failure !== undefined)
      throw new BerthError('HOOK_FAILED', `service ${record.service}: post_start[${index}] ${failure}`, {
        hint: 'the container runs on; `berth up` does not run the hook again, `berth restart` does',
      });
  }
}

/** Runs all pre_stop hooks within `graceMs`; what went wrong, for people: a stop is not held up by its hooks. */
export async function runPreStop(world: World, record: ContainerRecord, graceMs: number): Promise<string | undefined> {
  const hooks = hooksOf(record, 'preStop');
  if (record.oneOff || graceMs <= 0 || hooks.length === 0) return undefined;
  const limit = deadline(world.closing, graceMs);
  const failures: string[] = [];
  for (const [index, hook] of hooks.entries()) {
    if (limit.signal.aborted) break;
    const failed = await runHook(world, record, hook, limit.signal);
    const failure = failed !== undefined && limit.isOver() ? `was not done within ${graceMs / 1000} s` : failed;
    noteHook(world, record, `pre_stop[${index}]`, failure);
    if (failure !== undefined) failures.push(`pre_stop[${index}] ${failure}`);
  }
  limit.clear();
  return failures.length > 0 ? `${record.name}: ${failures.join('; ')}` : undefined;
}

/** A record that an earlier version wrote has none. */
function hooksOf({ definition }: ContainerRecord, kind: 'postStart' | 'preStop'): readonly Hook[] {
  return definition[kind] ?? [];
}

/** Runs one command in a container to its end; what went wrong, undefined when it succeeded. */
export async function runHook(
  world: World,
  record: ContainerRecord,
  hook: Hook,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const { command: argv, user, workingDir, privileged } = hook;
    const { code, output } = await runToEnd(world, {
      container: record.id,
      execId: newId(),
      argv,
      signal,
      env: Object.entries(hook.environment).map(([key, value]) => `${key}=${value}`),
      user: user ?? undefined,
      workingDir: workingDir ?? undefined,
      privileged,
    });
    if (code === 0) return undefined;
    const said = output.trim().split('\n').slice(-3).join('\n');
    return `(${argv.join(' ')}) ended with ${code === null ? 'an unknown exit code' : `exit code ${code}`}${said ? `: ${said}` : ''}`;
  } catch (error) {
    return `(${hook.command.join(' ')}) could not be run: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function noteHook(world: World, record: ContainerRecord, hook: string, failure: string | undefined): void {
  const cause = world.live.get(record.id)?.lastEvent ?? null;
  const action = failure === undefined ? 'hook' : 'hook failed';
  reportContainer(world, record, { action, why: `${hook} ${failure ?? 'succeeded'}`, cause });
}
