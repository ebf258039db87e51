/** `berth network prune`: removes all networks that no container is on. */
import * as Flags from '@oclif/core/flags';
import { parseMoment } from '../../base/moment.ts';
import type { PrunedNetworks } from '../../engine/networks/network-requests.ts';
import { BerthCommand } from '../berth-command.ts';
import { filterFlag, parseFilters } from '../list-filters.ts';

const FILTERS = ['label', 'label!', 'until'];

export default class Prune extends BerthCommand {
  static override summary = 'remove all networks that nobody uses';
  static override enableJsonFlag = true;
  static override flags = {
    filter: filterFlag(FILTERS),
    force: Flags.boolean({ char: 'f', summary: 'it is never asked; for scripts that were written for docker' }),
  };
  static override examples = ['<%= config.bin %> network prune', '<%= config.bin %> network prune --filter until=24h'];

  async run(): Promise<PrunedNetworks> {
    const { flags } = await this.parse(Prune);
    const filters = parseFilters(flags.filter ?? [], FILTERS);
    const [until] = filters.get('until') ?? [];
    const pruned = await (await this.engine()).networkPrune({
      labels: filters.get('label') ?? [],
      notLabels: filters.get('label!') ?? [],
      untilMs: until === undefined ? undefined : parseMoment(until),
    });
    this.print(pruned.NetworksDeleted);
    return pruned;
  }
}
