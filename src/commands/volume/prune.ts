/** `berth volume prune`: removes volumes that no container has. */
import * as Flags from '@oclif/core/flags';
import { printBytes as sizeText } from '../../base/bytes.ts';
import type { VolumePruned } from '../../engine/copy-calls.ts';
import { confirm } from '../../ui/confirm.ts';
import { BerthCommand } from '../berth-command.ts';
import { filterFlag, parseFilters } from '../list-filters.ts';

const FILTERS = ['label', 'label!', 'all'];

export default class Prune extends BerthCommand {
  static override summary = 'remove anonymous volumes that no container has';
  static override enableJsonFlag = true;
  static override flags = {
    all: Flags.boolean({ char: 'a', summary: 'named ones too: those of stacks that are down go with their data' }),
    filter: filterFlag(FILTERS),
    force: Flags.boolean({ char: 'f', summary: 'do not ask' }),
  };
  static override examples = [
    '<%= config.bin %> volume prune',
    '<%= config.bin %> volume prune -a -f --filter label=tmp',
  ];

  async run(): Promise<VolumePruned> {
    const { flags } = await this.parse(Prune);
    const filters = parseFilters(flags.filter ?? [], FILTERS);
    const all = flags.all || (filters.get('all') ?? []).some((value) => /^(1|t|true)$/i.test(value));
    const which = all ? 'all volumes' : 'all anonymous volumes';
    const question = `This removes ${which} that no container has, with their data. Are you sure?`;
    if (!flags.force && !this.jsonEnabled() && !(await confirm(question, '--force')))
      return { VolumesDeleted: [], SpaceReclaimed: 0 };
    const engine = await this.engine();
    const request = { all, labels: filters.get('label') ?? [], withoutLabels: filters.get('label!') ?? [] };
    const pruned = await engine.volumePrune(request);
    this.print([...pruned.VolumesDeleted, `Total reclaimed space: ${sizeText(pruned.SpaceReclaimed)}`]);
    return pruned;
  }
}
