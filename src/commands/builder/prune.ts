/** `berth builder prune`: forgets what builds have cached. */
import * as Flags from '@oclif/core/flags';
import { parseBytes, printBytes } from '../../base/bytes.ts';
import { BerthError } from '../../base/errors.ts';
import { BerthCommand } from '../berth-command.ts';

export default class Prune extends BerthCommand {
  static override summary = 'remove the least recently used results of build steps';
  static override enableJsonFlag = true;
  static override flags = {
    all: Flags.boolean({ char: 'a', summary: 'all of them, and the folders of cache mounts' }),
    'keep-storage': Flags.string({ summary: 'keep up to this much', default: '2g' }),
    force: Flags.boolean({ char: 'f', hidden: true, summary: 'accepted for scripts: nobody is asked anyway' }),
  };
  static override examples = ['<%= config.bin %> builder prune', '<%= config.bin %> builder prune --keep-storage 500m'];

  async run(): Promise<{ readonly freedBytes: number }> {
    const { flags } = await this.parse(Prune);
    const keepBytes = flags.all ? 0 : parseBytes(flags['keep-storage']);
    if (keepBytes === undefined) throw new BerthError('USAGE', `--keep-storage ${flags['keep-storage']} is no size`);
    const freedBytes = await (await this.engine()).buildPrune(keepBytes);
    this.print([`freed ${printBytes(freedBytes)}`]);
    return { freedBytes };
  }
}
