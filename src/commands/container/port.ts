/** `berth container port`: where the ports of a container are published. */
import * as Args from '@oclif/core/args';
import { BerthError } from '../../base/errors.ts';
import type { Publisher } from '../../engine/answers.ts';
import { BerthCommand } from '../berth-command.ts';
import { CONTAINER_ARG } from './container-command.ts';

export default class ContainerPort extends BerthCommand {
  static override summary = 'list the published ports of a container, or print where one is published';
  static override enableJsonFlag = true;
  static override args = { ...CONTAINER_ARG, port: Args.string({ description: 'port inside: 80, or 53/udp' }) };
  static override examples = ['<%= config.bin %> container port web', '<%= config.bin %> container port web 80'];

  async run(): Promise<readonly Publisher[]> {
    const { args } = await this.parse(ContainerPort);
    const engine = await this.engine();
    const [row] = await engine.containers({ all: true, names: [args.container] });
    const [port, protocol = 'tcp'] = args.port?.split('/') ?? [];
    const found = row!.Publishers.filter(
      (one) => port === undefined || (one.TargetPort === Number(port) && one.Protocol === protocol),
    );
    if (port !== undefined && found.length === 0) {
      throw new BerthError('REQUEST_INVALID', `container ${row!.Name} does not publish port ${port}/${protocol}`, {
        hint: row!.Ports === '' ? 'it publishes none' : `it publishes ${row!.Ports}`,
      });
    }
    const where = ({ URL, PublishedPort }: Publisher) => `${URL.includes(':') ? `[${URL}]` : URL}:${PublishedPort}`;
    const inside = (one: Publisher) => (port === undefined ? `${one.TargetPort}/${one.Protocol} -> ` : '');
    this.print(found.map((one) => `${inside(one)}${where(one)}`));
    return found;
  }
}
