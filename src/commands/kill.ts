/** `berth kill`: a signal to services, without grace. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { StackActionResult } from '../engine/engine.ts';
import { BerthCommand } from './berth-command.ts';
import { STACK_FLAGS, stackNameFromFlags } from './stack-flags.ts';

export default class Kill extends BerthCommand {
  static override summary = 'send a signal to the programs of services';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { service: Args.string({ description: 'only these services' }) };
  static override flags = {
    ...STACK_FLAGS,
    signal: Flags.string({ char: 's', default: 'SIGKILL', summary: 'signal to send' }),
  };
  static override examples = ['<%= config.bin %> kill web', '<%= config.bin %> kill -s HUP proxy'];

  async run(): Promise<StackActionResult> {
    const { flags, argv } = await this.parse(Kill);
    const stack = await stackNameFromFlags(flags);
    const engine = await this.engine();
    return await engine.kill({ stack, services: argv as string[], signal: flags.signal });
  }
}
