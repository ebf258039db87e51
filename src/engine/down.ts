/**
 * `down`: everything of a stack goes, but never data that was not asked for.
 */
import type { Stack } from '../model/stack.ts';
import type { Volume } from '../volume/volume.ts';
import type { DownRequest, DownResult, Watch } from './engine.ts';
import { execute } from './execute.ts';
import { reportCommand } from './history/report.ts';
import { pruneLogs } from './logs/retain.ts';
import { observe } from './observe.ts';
import { performing } from './ops/perform.ts';
import { planDown } from './reconcile-down.ts';
import { FOLDER_LABEL, refuseOtherFolder, volumesByFolder } from './stack-folder.ts';
import type { World } from './world.ts';

export async function down(world: World, request: DownRequest, watch: Watch = {}): Promise<DownResult> {
  const record = world.store.stacks.get(request.stack);
  const stack = record?.stack ?? emptyStack(request.stack);
  const observed = await observe(world, request.stack);
  if (request.folder !== undefined)
    refuseOtherFolder(world, { name: request.stack, projectDir: request.folder }, 'down');
  const folder = request.folder ?? record?.stack.projectDir;
  const { own, foreign } = volumesByFolder(world, request.stack, folder);
  const volumes = own.map((volume) => volume.name);
  if (request.removeVolumes) noteForeign(foreign, watch);
  const plan = planDown(stack, observed, {
    networks: networksToRemove(world, request.stack, watch),
    volumes: request.removeVolumes ? volumes : [],
  });
  if (request.dryRun) return { plan, keptVolumes: request.removeVolumes ? [] : volumes };
  const operation = {
    world,
    stack,
    positions: record?.positions ?? {},
    graceMs: request.graceMs,
    created: new Map<string, string>(),
    cause: reportCommand(world, 'down', request),
  };
  await execute(plan, performing(operation), { ...watch, parallel: request.parallel });
  await world.store.stacks.delete(request.stack);
  if (request.removeVolumes) await pruneLogs(world, { stack: request.stack });
  return { plan, keptVolumes: request.removeVolumes ? [] : volumes };
}

/** A stack that has no record any more can still have containers to take away. */
export function emptyStack(name: string): Stack {
  return { name, projectDir: '/', files: [], services: [], networks: [], volumes: [] };
}

/** Two folders can have stacks of one name: the data of the other one stays. */
function noteForeign(volumes: readonly Volume[], watch: Watch): void {
  for (const { name, labels } of volumes) {
    const text = `volume ${name} stays: the stack in ${labels[FOLDER_LABEL]} made it; \`berth volume rm ${name}\` removes it`;
    watch.onEvent?.({ type: 'notice', level: 'warning', text });
  }
}

/** A network that containers of other stacks are on stays, and is named. */
function networksToRemove(world: World, stack: string, watch: Watch) {
  const own = world.store.networks.all().filter((n) => n.stack === stack);
  return own.filter((network) => {
    const guests = world.store.containers
      .all()
      .filter((c) => c.stack !== stack && c.attachments.some((a) => a.network === network.name));
    if (guests.length === 0) return true;
    const text = `network ${network.name} stays: ${guests.map((g) => g.name).join(', ')} of other stacks use it`;
    watch.onEvent?.({ type: 'notice', level: 'warning', text });
    return false;
  });
}
