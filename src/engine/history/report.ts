/**
 * Facts about containers, said in one way wherever they are noticed.
 */
import type { ExitRecord } from '../../runtime/spec.ts';
import type { ContainerRecord } from '../records.ts';
import type { World } from '../world.ts';
import { type Caller, callerText, type NewEvent } from './event.ts';

export type Fact = Pick<NewEvent, 'action' | 'why'> & Partial<Pick<NewEvent, 'cause' | 'after' | 'attributes'>>;

/** Appends an event about a container; the id. */
export function reportContainer(world: World, record: ContainerRecord, fact: Fact): number {
  const id = world.history.add({
    type: 'container',
    stack: record.stack,
    service: record.service,
    replica: record.oneOff ? 0 : record.replica,
    actor: { id: record.id, name: record.name },
    ...fact,
    attributes: { image: record.image.reference, ...fact.attributes },
  });
  const live = world.live.get(record.id);
  if (live) live.lastEvent = id;
  return id;
}

/** The end of a container, and the OOM killer's part in it; the id of `die`. */
export function reportDeath(world: World, record: ContainerRecord, exit: ExitRecord): number {
  const asked = world.live.get(record.id)?.endCause ?? null;
  const started = world.live.get(record.id)?.startEvent ?? null;
  const cause = exit.oomKilled ? reportOom(world, record, asked ?? started) : (asked ?? started);
  return reportContainer(world, record, {
    action: 'die',
    why: deathText(exit, asked !== null),
    cause,
    attributes: {
      exitCode: exit.code === null ? 'unknown' : String(exit.code),
      ...(exit.signal ? { signal: String(exit.signal) } : {}),
      oomKilled: String(exit.oomKilled),
    },
  });
}

function reportOom(world: World, record: ContainerRecord, cause: number | null): number {
  const limit = record.definition.resources.memoryBytes;
  const why = limit === null ? 'the machine ran out of memory' : `it reached its memory limit of ${limit} bytes`;
  return reportContainer(world, record, { action: 'oom', why, cause });
}

function deathText(exit: ExitRecord, asked: boolean): string {
  if (exit.oomKilled) return "the kernel's OOM killer ended it";
  if (exit.code === null) return 'it ended while nobody could see it: its monitor was gone';
  if (exit.signal) return asked ? 'the signal ended it' : `signal ${exit.signal} ended it, which berth did not send`;
  return exit.code === 0 ? 'its program ended with success' : `its program ended with exit code ${exit.code}`;
}

export type Asked = { readonly by?: Caller };

/** Somebody asked for something; the id is the cause of all that follows. */
export function reportCommand(world: World, action: string, asked: Asked & { readonly stack: string }): number {
  const { by, stack } = asked;
  return world.history.add({ type: 'command', action, stack, why: callerText(by, action), cause: null });
}
