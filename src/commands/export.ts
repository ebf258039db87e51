/** `berth export`: the root filesystem of a service's container as a tar archive. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BerthCommand } from './berth-command.ts';
import { findReplica } from './find-replica.ts';
import { saveTar } from './save-tar.ts';
import { NOTHING_TO_CHANGE, STACK_FLAGS, stackNameFromFlags } from './stack-flags.ts';

export default class Export extends BerthCommand {
  static override summary = "write the root filesystem of a service's container to a tar archive, without its volumes";
  static override args = { service: Args.string({ required: true, description: 'service' }) };
  static override flags = {
    ...STACK_FLAGS,
    ...NOTHING_TO_CHANGE,
    index: Flags.integer({ summary: 'number of the replica' }),
    output: Flags.string({ char: 'o', summary: 'file to write, instead of stdout' }),
  };
  static override examples = ['<%= config.bin %> export -o web.tar web'];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Export);
    const stack = await stackNameFromFlags(flags);
    const engine = await this.engine();
    const row = await findReplica(engine, { stack, service: args.service, index: flags.index });
    await saveTar(() => engine.containerExport(row.ID), flags.output);
  }
}
