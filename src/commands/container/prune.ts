/** `berth container prune`: removes all containers that have ended. */
import * as Flags from '@oclif/core/flags';
import { printBytes } from '../../base/bytes.ts';
import { confirm } from '../../ui/confirm.ts';
import { filterFlag, parseFilters } from '../list-filters.ts';
import { DRY_RUN_FLAG } from '../stack-flags.ts';
import { ContainerCommand, requestFor } from './container-command.ts';
import { leftContainers } from './left-containers.ts';

const FILTERS = ['until', 'label', 'label!'];

type Pruned = { readonly ContainersDeleted: readonly string[]; readonly SpaceReclaimed: number };

export default class ContainerPrune extends ContainerCommand {
  static override summary = 'remove all containers that do not run';
  static override enableJsonFlag = true;
  static override flags = {
    ...DRY_RUN_FLAG,
    force: Flags.boolean({ char: 'f', summary: 'do not ask' }),
    filter: filterFlag(FILTERS),
  };
  static override examples = [
    '<%= config.bin %> container prune -f',
    '<%= config.bin %> container prune -f --filter until=24h',
  ];

  async run(): Promise<Pruned> {
    const { flags } = await this.parse(ContainerPrune);
    const filters = parseFilters(flags.filter ?? [], FILTERS);
    const engine = await this.engine();
    const ended = await leftContainers(engine, filters);
    const names = ended.map((row) => row.Name);
    const dryRun = flags['dry-run'];
    const question = `Going to remove ${names.join(', ')}. Are you sure?`;
    const silent = flags.force || dryRun || names.length === 0 || this.jsonEnabled();
    if (!silent && !(await confirm(question, '--force'))) return { ContainersDeleted: [], SpaceReclaimed: 0 };
    const sizes = names.length > 0 ? await engine.containerSizes(names) : {};
    const ContainersDeleted = await this.each(engine, names, (row) =>
      engine.remove({ ...requestFor(row), stop: false, volumes: false, dryRun }),
    );
    const SpaceReclaimed = Object.values(sizes).reduce((sum, bytes) => sum + bytes, 0);
    this.print([`Total reclaimed space: ${printBytes(SpaceReclaimed)}`]);
    return { ContainersDeleted, SpaceReclaimed };
  }
}
