/** `berth system prune`: everything that nothing needs. */
import * as Flags from '@oclif/core/flags';
import { printBytes } from '../../base/bytes.ts';
import { BerthError } from '../../base/errors.ts';
import { parseMoment } from '../../base/moment.ts';
import type { VolumePruned } from '../../engine/copy-calls.ts';
import type { Engine } from '../../engine/engine.ts';
import type { LogsPruned } from '../../engine/logs/retain.ts';
import type { PrunedImages } from '../../image/prune.ts';
import { confirm } from '../../ui/confirm.ts';
import { BerthCommand } from '../berth-command.ts';
import { requestFor } from '../container/container-command.ts';
import { leftContainers } from '../container/left-containers.ts';
import { type Filters, filterFlag, parseFilters } from '../list-filters.ts';

const FILTERS = ['until', 'label', 'label!'];
/** Of the build cache, unless all of it goes. */
const KEPT_CACHE_BYTES = 2 * 1024 ** 3;

type Pruned = {
  readonly containers: readonly string[];
  readonly networks: readonly string[];
  readonly volumes: VolumePruned | null;
  readonly images: PrunedImages;
  readonly logs: LogsPruned | null;
  readonly cacheBytes: number;
  readonly freedBytes: number;
};

export default class Prune extends BerthCommand {
  static override summary = 'remove what nothing needs: containers that have ended, networks, images, build cache';
  static override enableJsonFlag = true;
  static override flags = {
    all: Flags.boolean({ char: 'a', summary: 'images that no container uses and the whole build cache too' }),
    volumes: Flags.boolean({ summary: 'anonymous volumes that no container has too, with their data' }),
    logs: Flags.boolean({ summary: 'what containers wrote that are gone, of all stacks, too' }),
    filter: filterFlag(FILTERS),
    force: Flags.boolean({ char: 'f', summary: 'do not ask' }),
  };
  static override examples = ['<%= config.bin %> system prune', '<%= config.bin %> system prune -a --volumes -f'];

  async run(): Promise<Pruned | null> {
    const { flags } = await this.parse(Prune);
    const filters = parseFilters(flags.filter ?? [], FILTERS);
    if (flags.volumes && filters.has('until'))
      throw new BerthError('USAGE', 'volumes have no time: --filter until does not go with --volumes');
    if (flags.logs && filters.size > 0)
      throw new BerthError('USAGE', 'logs have neither labels nor a time: --filter does not go with --logs');
    const isSure = flags.force || this.jsonEnabled() || (await confirm(questionFor(flags), '--force'));
    if (!isSure) return null;
    const pruned = await prune(await this.engine(), flags, filters);
    this.print([
      ...pruned.containers.map((name) => `deleted container ${name}`),
      ...pruned.networks.map((name) => `deleted network ${name}`),
      ...(pruned.volumes?.VolumesDeleted ?? []).map((name) => `deleted volume ${name}`),
      ...pruned.images.untagged.map((name) => `untagged ${name}`),
      `Total reclaimed space: ${printBytes(pruned.freedBytes)}`,
    ]);
    return pruned;
  }
}

type What = { readonly all: boolean; readonly volumes: boolean; readonly logs: boolean };

function questionFor({ all, volumes, logs }: What): string {
  const what = [
    'all containers that do not run',
    'all networks that no container is on',
    ...(volumes ? ['all anonymous volumes that no container has'] : []),
    all ? 'all images that no container uses' : 'unfinished pulls',
    ...(logs ? ['the logs of all containers that are gone'] : []),
    all ? 'the whole build cache' : 'build cache beyond 2 GiB',
  ];
  return `This removes:\n${what.map((one) => `  - ${one}\n`).join('')}Are you sure?`;
}

/** In this order: what goes first is what keeps the rest. */
async function prune(engine: Engine, { all, volumes, logs }: What, filters: Filters): Promise<Pruned> {
  const labels = filters.get('label') ?? [];
  const withoutLabels = filters.get('label!') ?? [];
  const untilMs = parseMoment(filters.get('until')?.[0]);
  const containers = await pruneContainers(engine, filters);
  const { NetworksDeleted: networks } = await engine.networkPrune({ labels, notLabels: withoutLabels, untilMs });
  const prunedVolumes = volumes ? await engine.volumePrune({ all: false, labels, withoutLabels }) : null;
  const images = await engine.imagePrune({ all, labels, withoutLabels, untilMs });
  const cacheBytes = await engine.buildPrune(all ? 0 : KEPT_CACHE_BYTES);
  /* Last: what went with the containers above is among them. */
  const prunedLogs = logs ? await engine.logsPrune({}) : null;
  const freed = [containers.bytes, prunedVolumes?.SpaceReclaimed, images.freedBytes, cacheBytes, prunedLogs?.bytes];
  const freedBytes = freed.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0);
  return {
    containers: containers.names,
    networks,
    volumes: prunedVolumes,
    images,
    logs: prunedLogs,
    cacheBytes,
    freedBytes,
  };
}

async function pruneContainers(engine: Engine, filters: Filters) {
  const left = await leftContainers(engine, filters);
  const sizes = left.length > 0 ? await engine.containerSizes(left.map((row) => row.Name)).catch(() => ({})) : {};
  const names: string[] = [];
  for (const row of left) {
    try {
      await engine.remove({ ...requestFor(row), stop: false, volumes: false, dryRun: false });
      names.push(row.Name);
    } catch (error) {
      /* Gone or started meanwhile: it is not to be pruned any more. */
      if (!(error instanceof BerthError) || !PASSED.has(error.code)) throw error;
    }
  }
  const bytes = Object.entries<number>(sizes).reduce((sum, [name, size]) => sum + (names.includes(name) ? size : 0), 0);
  return { names, bytes };
}

const PASSED: ReadonlySet<string> = new Set(['CONTAINER_NOT_FOUND', 'STACK_NOT_FOUND', 'STACK_BUSY']);
