/**
 * `attach`: a terminal on a container that runs already. Going away ends nothing.
 */
import { BerthError } from '../base/errors.ts';
import { recordByName, recordOfService } from './choose-containers.ts';
import type { AttachRequest, Session } from './engine.ts';
import { sessionOf } from './session.ts';
import { liveOf, type World } from './world.ts';

/** CONTAINER_NOT_RUNNING when it does not run or is paused. */
export async function attachToContainer(world: World, { container }: AttachRequest): Promise<Session> {
  const record =
    container.kind === 'name'
      ? recordByName(world, container.name)
      : recordOfService(world, container.stack, container.service, container.index);
  const live = liveOf(world, record.id);
  if (!live.running || live.state === 'paused') {
    throw new BerthError(
      'CONTAINER_NOT_RUNNING',
      `container ${record.name} can not be attached to: it is ${live.state}`,
      {
        hint: live.running ? 'let it go on with `berth unpause`' : 'start it first',
      },
    );
  }
  const attach = await live.running.attach();
  return sessionOf({
    id: record.id,
    name: record.name,
    stdin: record.definition.stdinOpen,
    terminal: record.definition.tty,
    /* The end of this one's input is not the end of the program's: the next one attaches to it again. */
    attach: record.oneOff ? attach : { ...attach, endStdin() {} },
    started: Promise.resolve(),
    exited: live.running.exited,
    cleanUp: async () => {},
  });
}
