/** `berth volume inspect`: everything known about volumes, as JSON. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { VolumeInspect } from '../../engine/copy-calls.ts';
import { formatRows } from '../../ui/format-rows.ts';
import { BerthCommand } from '../berth-command.ts';

export default class Inspect extends BerthCommand {
  static override summary = 'show all about volumes';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { volume: Args.string({ required: true, description: 'names of volumes' }) };
  static override flags = {
    format: Flags.string({ char: 'f', summary: 'json, or a template like {{.Mountpoint}}' }),
  };
  static override examples = ['<%= config.bin %> volume inspect shop_data'];

  async run(): Promise<VolumeInspect[]> {
    const { argv, flags } = await this.parse(Inspect);
    const engine = await this.engine();
    const volumes = await Promise.all((argv as string[]).map((name) => engine.volumeInspect(name)));
    const table = () => JSON.stringify(volumes, null, 2).split('\n');
    this.print(formatRows(volumes, { format: flags.format, table }));
    return volumes;
  }
}
