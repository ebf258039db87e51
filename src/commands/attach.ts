/** `berth attach`: the terminal or pipes of a service that runs. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { attachTo } from '../ui/attach-to.ts';
import { ATTACH_FLAGS } from './attach-flags.ts';
import { BerthCommand } from './berth-command.ts';
import { NOTHING_TO_CHANGE, STACK_FLAGS, stackNameFromFlags } from './stack-flags.ts';

export default class Attach extends BerthCommand {
  static override summary = 'attach to the program of a service';
  static override args = { service: Args.string({ required: true, description: 'service' }) };
  static override flags = {
    ...STACK_FLAGS,
    ...NOTHING_TO_CHANGE,
    ...ATTACH_FLAGS,
    index: Flags.integer({ summary: 'number of the replica' }),
  };
  static override examples = ['<%= config.bin %> attach web', '<%= config.bin %> attach --no-stdin --index 2 worker'];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Attach);
    const stack = await stackNameFromFlags(flags);
    const engine = await this.engine();
    process.exitCode = await attachTo(
      engine,
      { kind: 'service', stack, service: args.service, index: flags.index },
      { stdin: !flags['no-stdin'], signals: flags['sig-proxy'], detachKeys: flags['detach-keys'] },
    );
  }
}
