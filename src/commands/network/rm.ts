/** `berth network rm`: removes networks that nobody uses. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../../base/errors.ts';
import type { RemovedNetwork } from '../../engine/networks/network-requests.ts';
import { BerthCommand } from '../berth-command.ts';

export default class NetworkRm extends BerthCommand {
  static override summary = 'remove networks';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { network: Args.string({ required: true, description: 'names or ids' }) };
  static override flags = { force: Flags.boolean({ char: 'f', summary: 'say nothing of those that are not there' }) };
  static override examples = ['<%= config.bin %> network rm shared'];

  async run(): Promise<RemovedNetwork[]> {
    const { argv, flags } = await this.parse(NetworkRm);
    const engine = await this.engine();
    const removed: RemovedNetwork[] = [];
    for (const name of argv as string[]) {
      try {
        removed.push(await engine.networkRemove(name));
        this.print([name]);
      } catch (error) {
        if (!flags.force || !(error instanceof BerthError) || error.code !== 'NETWORK_NOT_FOUND') throw error;
      }
    }
    return removed;
  }
}
