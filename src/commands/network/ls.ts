/** `berth network ls`: the networks of this machine that berth has made. */
import * as Flags from '@oclif/core/flags';
import type { NetworkSummary } from '../../engine/networks/network-requests.ts';
import { formatRows } from '../../ui/format-rows.ts';
import { tableLines } from '../../ui/print-table.ts';
import { BerthCommand } from '../berth-command.ts';
import { type Filters, filterFlag, parseFilters } from '../list-filters.ts';

const FILTERS = ['name', 'id', 'driver', 'label', 'scope', 'dangling', 'type'];
const ID_LENGTH = 12;

export default class NetworkLs extends BerthCommand {
  static override summary = 'list the networks';
  static override enableJsonFlag = true;
  static override flags = {
    quiet: Flags.boolean({ char: 'q', summary: 'ids only' }),
    filter: filterFlag(FILTERS, 'f'),
    format: Flags.string({ summary: 'table, json (one object a line) or a template like {{.Name}}' }),
    'no-trunc': Flags.boolean({ summary: 'ids in their whole length' }),
  };
  static override examples = [
    '<%= config.bin %> network ls',
    '<%= config.bin %> network ls --filter label=com.example.team --format json',
  ];

  async run(): Promise<NetworkSummary[]> {
    const { flags } = await this.parse(NetworkLs);
    const filters = parseFilters(flags.filter ?? [], FILTERS);
    const networks = (await (await this.engine()).networks()).filter((network) => fits(network, filters));
    const shown = networks.map((n) => ({ ...n, ID: flags['no-trunc'] ? n.ID : n.ID.slice(0, ID_LENGTH) }));
    if (flags.quiet) this.print(shown.map((n) => n.ID));
    else this.print(formatRows(shown.map(textRow), { format: flags.format, table: () => table(shown), headings: {} }));
    return networks;
  }
}

function table(networks: readonly NetworkSummary[]): string[] {
  const cells = networks.map((n) => [n.ID, n.Name, n.Driver, n.Project === '' ? '-' : n.Project, String(n.Users)]);
  return tableLines(['NETWORK ID', 'NAME', 'DRIVER', 'STACK', 'CONTAINERS'], cells);
}

/** Everything as text, as docker prints it. */
function textRow(network: NetworkSummary): Record<string, unknown> {
  const labels = Object.entries(network.Labels).map(([key, value]) => `${key}=${value}`);
  const { Internal, EnableIPv6 } = network;
  return {
    ...network,
    Internal: String(Internal),
    EnableIPv6: String(EnableIPv6),
    IPv6: String(EnableIPv6),
    Labels: labels.join(','),
  };
}

/** Several filters must all fit; of one name any value, but of labels all. */
function fits(network: NetworkSummary, filters: Filters): boolean {
  return [...filters].every(([name, values]) =>
    name === 'label' ? values.every((v) => fitsOne(network, name, v)) : values.some((v) => fitsOne(network, name, v)),
  );
}

function fitsOne(network: NetworkSummary, name: string, value: string): boolean {
  switch (name) {
    case 'name':
      return network.Name.includes(value);
    case 'id':
      return network.ID.startsWith(value);
    case 'driver':
      return network.Driver === value;
    case 'scope':
      return network.Scope === value;
    case 'dangling':
      return (network.Users === 0) === (value === 'true' || value === '1');
    case 'type':
      return value === 'custom';
    default: {
      const [key = '', wanted] = value.split(/=(.*)/s);
      return Object.hasOwn(network.Labels, key) && (wanted === undefined || network.Labels[key] === wanted);
    }
  }
}
