/**
 * A new name for a container: in its record, and for those who ask for it by name.
 */
import { BerthError } from '../base/errors.ts';
import { recordByName } from './choose-containers.ts';
import { reportContainer } from './history/report.ts';
import type { World } from './world.ts';

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** NAME_TAKEN; USAGE for what is no name. */
export async function renameContainer(world: World, name: string, to: string): Promise<void> {
  const record = recordByName(world, name);
  if (!NAME.test(to)) {
    throw new BerthError('USAGE', `${JSON.stringify(to)} is no name for a container`, {
      hint: 'use at least two letters, digits, _ . or -, the first a letter or digit',
    });
  }
  refuseTakenName(world, to, record.id);
  const definition =
    record.definition.containerName === null ? record.definition : { ...record.definition, containerName: to };
  await world.store.containers.put(record.id, { ...record, name: to, definition });
  reportContainer(world, { ...record, name: to }, { action: 'rename', why: `it was ${record.name} before` });
  world.changes.changed();
  await world.syncNetwork();
}

/** NAME_TAKEN when another container than `own` has the name. */
export function refuseTakenName(world: World, name: string, own: string | null): void {
  const holder = world.store.containers.all().find((record) => record.name === name && record.id !== own);
  if (!holder) return;
  throw new BerthError(
    'NAME_TAKEN',
    `container name ${name} is taken by ${holder.id.slice(0, 12)} of image ${holder.image.reference}`,
    {
      hint: `choose another name, or remove that one with \`berth container rm ${name}\``,
    },
  );
}
