/** `berth image prune`. */
import * as Flags from '@oclif/core/flags';
import { printBytes } from '../../base/bytes.ts';
import { parseMoment } from '../../base/moment.ts';
import type { PrunedImages } from '../../image/prune.ts';
import { confirm } from '../../ui/confirm.ts';
import { BerthCommand } from '../berth-command.ts';
import { filterFlag, parseFilters } from '../list-filters.ts';

const FILTERS = ['until', 'label', 'label!'];

export default class Prune extends BerthCommand {
  static override summary = 'remove what no image needs: unfinished pulls, content without a name';
  static override enableJsonFlag = true;
  static override flags = {
    all: Flags.boolean({ char: 'a', summary: 'images that no container uses too' }),
    force: Flags.boolean({ char: 'f', summary: 'do not ask' }),
    filter: filterFlag(FILTERS),
  };
  static override examples = [
    '<%= config.bin %> image prune',
    '<%= config.bin %> image prune -a -f --filter until=240h',
  ];

  async run(): Promise<PrunedImages> {
    const { flags } = await this.parse(Prune);
    const filters = parseFilters(flags.filter ?? [], FILTERS);
    const question = 'This removes all images that no container uses. Are you sure?';
    const isSure = flags.force || this.jsonEnabled() || !flags.all || (await confirm(question, '--force'));
    if (!isSure) return { untagged: [], deleted: [], freedBytes: 0 };
    const pruned = await (await this.engine()).imagePrune({
      all: flags.all,
      labels: filters.get('label'),
      withoutLabels: filters.get('label!'),
      untilMs: parseMoment(filters.get('until')?.[0]),
    });
    this.print([
      ...pruned.untagged.map((name) => `untagged ${name}`),
      ...pruned.deleted.map((digest) => `deleted ${digest}`),
      `Total reclaimed space: ${printBytes(pruned.freedBytes)}`,
    ]);
    return pruned;
  }
}
