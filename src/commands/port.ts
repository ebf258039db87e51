/** `berth port`: where a port of a service is published. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../base/errors.ts';
import type { ContainerSummary, Publisher } from '../engine/answers.ts';
import { BerthCommand } from './berth-command.ts';
import { NOTHING_TO_CHANGE, STACK_FLAGS, stackNameFromFlags } from './stack-flags.ts';

export default class Port extends BerthCommand {
  static override summary = 'print the public address of a port of a service';
  static override enableJsonFlag = true;
  static override args = {
    service: Args.string({ required: true, description: 'service' }),
    port: Args.string({ required: true, description: 'port inside: 80, or 53/udp' }),
  };
  static override flags = {
    ...STACK_FLAGS,
    ...NOTHING_TO_CHANGE,
    index: Flags.integer({ summary: 'number of the replica' }),
    protocol: Flags.string({ options: ['tcp', 'udp'], default: 'tcp', summary: 'protocol of the port' }),
  };
  static override examples = ['<%= config.bin %> port web 80', '<%= config.bin %> port --protocol udp dns 53'];

  async run(): Promise<Publisher> {
    const { args, flags } = await this.parse(Port);
    const [port, protocol = flags.protocol] = args.port.split('/');
    const target = Number(port);
    if (!Number.isInteger(target)) throw new BerthError('USAGE', `${args.port} is no port`);
    const stack = await stackNameFromFlags(flags);
    const engine = await this.engine();
    const rows = await engine.containers({ stack, services: [args.service], all: false });
    const row = rows.find((one) => flags.index === undefined || one.Replica === flags.index);
    if (!row) throw notRunning(args.service, flags.index);
    const found = row.Publishers.find((one) => one.TargetPort === target && one.Protocol === protocol);
    if (!found) throw notPublished(row, `${target}/${protocol}`);
    this.print([`${found.URL.includes(':') ? `[${found.URL}]` : found.URL}:${found.PublishedPort}`]);
    return found;
  }
}

function notRunning(service: string, index: number | undefined): BerthError {
  const which = index === undefined ? '' : ` ${index}`;
  return new BerthError('CONTAINER_NOT_RUNNING', `service ${service}${which} does not run: its ports lead nowhere`, {
    hint: `start it with \`berth start ${service}\``,
  });
}

function notPublished(row: ContainerSummary, port: string): BerthError {
  return new BerthError('REQUEST_INVALID', `service ${row.Service} does not publish port ${port}`, {
    hint: row.Ports === '' ? 'it publishes none' : `it publishes ${row.Ports}`,
  });
}
