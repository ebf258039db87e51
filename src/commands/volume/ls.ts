/** `berth volume ls`. */
import * as Flags from '@oclif/core/flags';
import type { VolumeSummary } from '../../engine/copy-calls.ts';
import { BerthCommand } from '../berth-command.ts';
import { filterFlag, parseFilters } from '../list-filters.ts';
import { selectVolumes, VOLUME_FILTERS, volumeLines } from '../volume-rows.ts';

export default class Ls extends BerthCommand {
  static override summary = 'list the volumes of this machine';
  static override enableJsonFlag = true;
  static override flags = {
    filter: filterFlag(VOLUME_FILTERS, 'f'),
    quiet: Flags.boolean({ char: 'q', summary: 'names only' }),
    format: Flags.string({ summary: 'table, json (one object a line) or a template like {{.Name}}' }),
  };
  static override examples = [
    '<%= config.bin %> volume ls',
    '<%= config.bin %> volume ls --filter dangling=true -q',
    "<%= config.bin %> volume ls --format '{{.Name}} {{.Mountpoint}}'",
  ];

  async run(): Promise<VolumeSummary[]> {
    const { flags } = await this.parse(Ls);
    const filters = parseFilters(flags.filter ?? [], VOLUME_FILTERS);
    const volumes = selectVolumes(await (await this.engine()).volumes(), filters);
    this.print(volumeLines(volumes, flags));
    return volumes;
  }
}
