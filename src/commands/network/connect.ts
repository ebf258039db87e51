/** `berth network connect`: puts a container on one more network, while it runs. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../../base/errors.ts';
import type { NetworkInspect } from '../../engine/networks/network-requests.ts';
import { canonicalAddress, familyOf, parseAddress } from '../../model/cidr.ts';
import type { Link } from '../../model/stack.ts';
import { BerthCommand } from '../berth-command.ts';

const many = (summary: string) => Flags.string({ multiple: true, multipleNonGreedy: true, summary });
const INTERFACE_NAME = 'com.docker.network.endpoint.ifname';

export default class Connect extends BerthCommand {
  static override summary = 'put a container on a network';
  static override enableJsonFlag = true;
  static override args = {
    network: Args.string({ required: true, description: 'name or id of the network' }),
    container: Args.string({ required: true, description: 'name or id of the container' }),
  };
  static override flags = {
    ip: Flags.string({ summary: 'fixed IPv4 address' }),
    ip6: Flags.string({ summary: 'fixed IPv6 address' }),
    alias: many('further name on this network'),
    link: many('CONTAINER[:ALIAS], a name for this container alone'),
    'link-local-ip': many('further link-local address'),
    'mac-address': Flags.string({ summary: 'MAC address of the interface' }),
    'gw-priority': Flags.integer({ summary: 'the network with the highest is the way out' }),
    'driver-opt': many(`option of the end: ${INTERFACE_NAME}=NAME`),
  };
  static override examples = [
    '<%= config.bin %> network connect shared shop-web-1',
    '<%= config.bin %> network connect --ip 172.28.0.10 --alias api shared shop-web-1',
  ];

  async run(): Promise<NetworkInspect> {
    const { args, flags } = await this.parse(Connect);
    const network = await (await this.engine()).networkConnect({
      network: args.network,
      container: args.container,
      ipv4Address: addressOf('ip', flags.ip, 4),
      ipv6Address: addressOf('ip6', flags.ip6, 6),
      linkLocalIps: (flags['link-local-ip'] ?? []).map((ip) => addressOf('link-local-ip', ip, null)!),
      macAddress: macOf(flags['mac-address']),
      aliases: flags.alias ?? [],
      links: (flags.link ?? []).map(linkOf),
      gwPriority: flags['gw-priority'],
      interfaceName: interfaceNameOf(flags['driver-opt'] ?? []),
    });
    this.print([]);
    return network;
  }
}

function addressOf(flag: string, text: string | undefined, version: 4 | 6 | null): string | undefined {
  if (text === undefined) return undefined;
  if (parseAddress(text) !== undefined && (version === null || familyOf(text) === version))
    return canonicalAddress(text);
  throw new BerthError('USAGE', `--${flag} ${text} is no ${version === null ? 'address' : `IPv${version} address`}`);
}

function macOf(text: string | undefined): string | undefined {
  if (text === undefined || /^[0-9a-f][02468ace](:[0-9a-f]{2}){5}$/i.test(text)) return text?.toLowerCase();
  throw new BerthError('USAGE', `--mac-address ${text} is no address of an interface`, {
    hint: 'write it as 02:42:ac:11:00:02, the first byte even',
  });
}

function linkOf(text: string): Link {
  const [target = '', alias = target] = text.split(':');
  if (target === '' || alias === '') throw new BerthError('USAGE', `--link ${text} is not CONTAINER[:ALIAS]`);
  return { target, alias };
}

function interfaceNameOf(options: readonly string[]): string | undefined {
  for (const option of options) {
    const [key, name = ''] = option.split(/=(.*)/s);
    if (key === INTERFACE_NAME && /^[^\s/]{1,15}$/.test(name)) return name;
    throw new BerthError('USAGE', `--driver-opt ${option} is not supported by berth`, {
      hint: `there is ${INTERFACE_NAME}=NAME`,
    });
  }
  return undefined;
}
