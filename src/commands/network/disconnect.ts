/** `berth network disconnect`: takes a container off a network, while it runs. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { NetworkInspect } from '../../engine/networks/network-requests.ts';
import { BerthCommand } from '../berth-command.ts';

export default class Disconnect extends BerthCommand {
  static override summary = 'take a container off a network';
  static override enableJsonFlag = true;
  static override args = {
    network: Args.string({ required: true, description: 'name or id of the network' }),
    container: Args.string({ required: true, description: 'name or id of the container' }),
  };
  static override flags = { force: Flags.boolean({ char: 'f', summary: 'that it is not on the network is fine' }) };
  static override examples = ['<%= config.bin %> network disconnect shared shop-web-1'];

  async run(): Promise<NetworkInspect> {
    const { args, flags } = await this.parse(Disconnect);
    const { network, container } = args;
    return await (await this.engine()).networkDisconnect({ network, container, force: flags.force });
  }
}
