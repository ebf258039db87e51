/** `berth container export`: the root filesystem of a container as a tar archive. */
import * as Flags from '@oclif/core/flags';
import { BerthCommand } from '../berth-command.ts';
import { saveTar } from '../save-tar.ts';
import { CONTAINER_ARG } from './container-command.ts';

export default class ContainerExport extends BerthCommand {
  static override summary = 'write the root filesystem of a container to a tar archive, without its volumes';
  static override args = CONTAINER_ARG;
  static override flags = { output: Flags.string({ char: 'o', summary: 'file to write, instead of stdout' }) };
  static override examples = ['<%= config.bin %> container export -o web.tar web'];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ContainerExport);
    const engine = await this.engine();
    await saveTar(() => engine.containerExport(args.container), flags.output);
  }
}
