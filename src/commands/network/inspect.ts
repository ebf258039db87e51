/** `berth network inspect`: everything known about networks, as JSON. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { NetworkInspect } from '../../engine/networks/network-requests.ts';
import { formatRows } from '../../ui/format-rows.ts';
import { BerthCommand } from '../berth-command.ts';

export default class Inspect extends BerthCommand {
  static override summary = 'show all about networks, and who is on them';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { network: Args.string({ required: true, description: 'names or ids' }) };
  static override flags = {
    format: Flags.string({ char: 'f', summary: 'json, or a template like {{.Name}}' }),
    verbose: Flags.boolean({ char: 'v', summary: 'always so' }),
  };
  static override examples = [
    '<%= config.bin %> network inspect shop_default',
    "<%= config.bin %> network inspect -f '{{.Interface}}' shop_default",
  ];

  async run(): Promise<NetworkInspect[]> {
    const { argv, flags } = await this.parse(Inspect);
    const engine = await this.engine();
    const networks: NetworkInspect[] = [];
    for (const name of argv as string[]) networks.push(await engine.networkInspect(name));
    const table = () => [JSON.stringify(networks, null, 2)];
    this.print(formatRows(networks, { format: flags.format, table }));
    return networks;
  }
}
