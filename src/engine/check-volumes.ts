/**
 * What can be said of a stack's volumes before anything is touched: external ones that are missing, others that are
 * not what the stack file says.
 */
import { BerthError } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import type { Positions, Stack, StackVolume } from '../model/stack.ts';
import { positionOf } from './definition-diff.ts';
import type { Watch } from './engine.ts';
import { FOLDER_LABEL } from './stack-folder.ts';
import type { World } from './world.ts';

/** VOLUME_NOT_FOUND for an external one, VOLUME_FAILED for one with other options. What belongs to others is noted. */
export function checkVolumes(world: World, stack: Stack, positions: Positions, watch: Watch): void {
  for (const wanted of stack.volumes) {
    const found = world.volumes.get(wanted.name);
    if (!found && wanted.external) throw missing(world, wanted, positions);
    if (!found || wanted.external) continue;
    if (!sameOptions(found.options, wanted.driverOpts)) throw otherOptions(wanted, positions);
    const owner = found.labels['com.docker.compose.project'];
    const folder = found.labels[FOLDER_LABEL];
    const text =
      owner === undefined
        ? `volume ${wanted.name} was not made by a stack: \`external: true\` says that this is meant`
        : owner !== stack.name
          ? `volume ${wanted.name} was made by stack ${owner}: \`external: true\` says that this is meant`
          : folder !== undefined && folder !== stack.projectDir
            ? `volume ${wanted.name} was made by the stack in ${folder}: \`down -v\` from here leaves it alone`
            : undefined;
    if (text !== undefined) watch.onEvent?.({ type: 'notice', level: 'warning', text });
  }
}

function missing(world: World, { key, name }: StackVolume, positions: Positions): BerthError {
  const near = nearest(
    name,
    world.volumes.list().map((v) => v.name),
  );
  return new BerthError('VOLUME_NOT_FOUND', `there is no volume ${name}, which is external to this stack`, {
    at: positionOf(positions, `volumes.${key}`),
    hint: near === undefined ? `make it: \`berth volume create ${name}\`` : `did you mean ${near}?`,
  });
}

/** A record of an earlier version has none, and so has a plain volume. */
function sameOptions(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].every((key) => one[key] === other[key]);
}

function otherOptions({ key, name }: StackVolume, positions: Positions): BerthError {
  return new BerthError('VOLUME_FAILED', `volume ${name} exists with other driver_opts than the stack file says`, {
    at: positionOf(positions, `volumes.${key}`),
    hint: `give it another name, or remove it with its data: \`berth volume rm ${name}\``,
  });
}
