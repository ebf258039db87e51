/** `berth ps`: the containers of the stack. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { ContainerSummary } from '../engine/engine.ts';
import { containerLines } from '../ui/print-containers.ts';
import { BerthCommand } from './berth-command.ts';
import { STACK_FLAGS, stackNameFromFlags } from './stack-flags.ts';

export default class Ps extends BerthCommand {
  static override summary = 'list the containers of the stack';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { service: Args.string({ description: 'only these services' }) };
  static override flags = {
    ...STACK_FLAGS,
    all: Flags.boolean({ char: 'a', summary: 'those that have ended too' }),
    quiet: Flags.boolean({ char: 'q', summary: 'ids only' }),
    services: Flags.boolean({ summary: 'names of services only' }),
  };
  static override examples = ['<%= config.bin %> ps', '<%= config.bin %> ps -a --json'];

  async run(): Promise<ContainerSummary[]> {
    const { flags, argv } = await this.parse(Ps);
    const stack = await stackNameFromFlags(flags);
    const engine = await this.engine();
    const rows = await engine.containers({ stack, services: argv as string[], all: flags.all });
    this.print(containerLines(rows, { quiet: flags.quiet, servicesOnly: flags.services }));
    return rows;
  }
}
