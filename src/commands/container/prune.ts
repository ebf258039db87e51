/** `berth container prune`: removes all containers that have ended. */
import * as Flags from '@oclif/core/flags';
import { printBytes } from '../../base/bytes.ts';
import { parseMoment } from '../../base/moment.ts';
import type { ContainerSummary } from '../../engine/answers.ts';
import { confirm } from '../../ui/confirm.ts';
import { type Filters, filterFlag, parseFilters } from '../list-filters.ts';
import { DRY_RUN_FLAG } from '../stack-flags.ts';
import { ContainerCommand, requestFor } from './container-command.ts';

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
    const ended = (await engine.containers({ all: true })).filter((row) => isLeft(row) && fits(row, filters));
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

function isLeft(row: ContainerSummary): boolean {
  return row.State === 'exited' || row.State === 'created' || row.State === 'dead';
}

function fits(row: ContainerSummary, filters: Filters): boolean {
  const labels = row.Labels.split(',');
  const has = (wanted: string) => labels.some((label) => label === wanted || label.split('=', 1)[0] === wanted);
  const before = parseMoment(filters.get('until')?.[0]);
  return (
    (filters.get('label') ?? []).every(has) &&
    !(filters.get('label!') ?? []).some(has) &&
    (before === undefined || row.Created * 1000 < before)
  );
}
