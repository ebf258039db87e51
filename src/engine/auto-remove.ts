/**
 * `--rm`: a container that goes by itself when it has ended for good.
 *
 * The wish is in its record, so that it is fulfilled by whichever engine sees the end.
 */
import { removeContainer } from './ops/remove-container.ts';
import type { World } from './world.ts';

/** Call after every end; does nothing for others, and for those that will be restarted. */
export function removeIfWanted(world: World, id: string): void {
  if (!world.store.containers.get(id)?.autoRemove) return;
  /* A moment later: whoever waits for the end reads the exit code first. */
  setImmediate(() => {
    const record = world.store.containers.get(id);
    if (!record || world.live.get(id)?.state !== 'exited' || world.closing.aborted) return;
    removeContainer(world, id, { volumes: true }).catch((error: unknown) =>
      world.log(`${record.name}: could not be removed: ${String(error)}`),
    );
    world.history.add({
      type: 'container',
      action: 'destroy',
      stack: record.stack,
      service: record.service,
      replica: record.oneOff ? 0 : record.replica,
      actor: { id, name: record.name },
      why: 'it was to be removed at its end',
      cause: null,
    });
  });
}
