/**
 * When a container has done its work: its program ended by itself with success, and nothing starts it again.
 *
 * Such a one is left alone by an unchanged `up`. What is known of it stands in
 * its record beside the definition it ran with; a start forgets it.
 */
import type { RestartPolicy } from '../model/stack.ts';
import type { ExitRecord } from '../runtime/spec.ts';
import type { Completion, ContainerRecord } from './records.ts';
import type { World } from './world.ts';

/**
 * A shutdown of the machine asks programs to end, and many do so with success. An engine that lives on for longer than
 * a shutdown takes has seen no shutdown.
 */
const SHUTDOWN_MS = 15_000;

/** The completion that an end is, or undefined; `byItself`: nobody had sent it a signal. */
export function completionOf(record: ContainerRecord, exit: ExitRecord, byItself: boolean): Completion | undefined {
  if (exit.code !== 0 || !byItself || record.oneOff || record.desired !== 'running') return undefined;
  return restsAfterSuccess(record.definition.restart) ? { at: exit.finishedAt, sure: false } : undefined;
}

function restsAfterSuccess(policy: RestartPolicy): boolean {
  if (policy.kind === 'deploy') return policy.condition === 'on-failure';
  return policy.kind === 'no' || policy.kind === 'on-failure';
}

/** Makes a completion sure when this engine has outlived it long enough. */
export function watchCompletion(world: World, id: string, { at }: Completion): void {
  const confirm = () => {
    const record = world.store.containers.get(id);
    if (world.closing.aborted || record?.completed?.at !== at) return;
    world.store.containers.putSoon(id, { ...record, completed: { at, sure: true } });
  };
  setTimeout(confirm, SHUTDOWN_MS).unref();
}

/** What an engine makes of a completion that an earlier one noted: after a boot only what is sure counts. */
export function afterEngine(record: ContainerRecord, rebooted: boolean): ContainerRecord {
  const { completed, ...rest } = record;
  if (!completed || completed.sure) return record;
  return rebooted ? rest : { ...rest, completed: { ...completed, sure: true } };
}
