/** `berth container rename`. */
import * as Args from '@oclif/core/args';
import { BerthCommand } from '../berth-command.ts';
import { CONTAINER_ARG } from './container-command.ts';

export default class ContainerRename extends BerthCommand {
  static override summary = 'give a container another name';
  static override args = { ...CONTAINER_ARG, name: Args.string({ required: true, description: 'new name' }) };
  static override examples = ['<%= config.bin %> container rename web old-web'];

  async run(): Promise<void> {
    const { args } = await this.parse(ContainerRename);
    const engine = await this.engine();
    await engine.renameContainer({ container: args.container, to: args.name });
  }
}
