/** `berth network create`: a network of no stack, for stacks that name it as external. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { NetworkInspect } from '../../engine/networks/network-requests.ts';
import { BerthCommand } from '../berth-command.ts';
import { networkDefinition } from './network-definition.ts';

const many = (summary: string, char?: 'o') => Flags.string({ char, multiple: true, multipleNonGreedy: true, summary });

export default class NetworkCreate extends BerthCommand {
  static override summary = 'make a network that belongs to no stack';
  static override enableJsonFlag = true;
  static override args = { network: Args.string({ required: true, description: 'its name' }) };
  static override flags = {
    driver: Flags.string({ char: 'd', default: 'bridge', summary: 'bridge or macvlan' }),
    opt: many('option of the driver: NAME=VALUE', 'o'),
    subnet: many('subnet in CIDR form; one of each version, or several'),
    gateway: many('address of this machine in a subnet'),
    'ip-range': many('part of a subnet that containers get addresses from'),
    'aux-address': many('address that somebody else has: NAME=ADDRESS'),
    ipv4: Flags.boolean({ default: true, allowNo: true, summary: 'with IPv4 addresses' }),
    ipv6: Flags.boolean({ default: false, summary: 'with IPv6 addresses' }),
    internal: Flags.boolean({ default: false, summary: 'no way out' }),
    attachable: Flags.boolean({ default: false, summary: 'always so on one machine' }),
    label: many('label: KEY=VALUE'),
    'ipam-driver': Flags.string({ options: ['default'], default: 'default', summary: 'who gives addresses' }),
    scope: Flags.string({ options: ['local'], default: 'local', summary: 'where it is' }),
  };
  static override examples = [
    '<%= config.bin %> network create shared',
    '<%= config.bin %> network create --ipv6 --subnet 172.28.0.0/24 --gateway 172.28.0.254 back',
    '<%= config.bin %> network create -d macvlan -o parent=eth0 --subnet 192.168.1.0/24 --gateway 192.168.1.1 lan',
  ];

  async run(): Promise<NetworkInspect> {
    const { args, flags } = await this.parse(NetworkCreate);
    const definition = networkDefinition(flags);
    const network = await (await this.engine()).networkCreate({ name: args.network, definition });
    this.print([network.ID]);
    return network;
  }
}
