/** `berth top`: the processes of services. */
import * as Args from '@oclif/core/args';
import type { ContainerProcesses } from '../engine/answers.ts';
import { printLine } from '../ui/output.ts';
import { processTable } from '../ui/print-processes.ts';
import { BerthCommand } from './berth-command.ts';
import { NOTHING_TO_CHANGE, STACK_FLAGS, stackNameFromFlags } from './stack-flags.ts';

export default class Top extends BerthCommand {
  static override summary = 'show the processes that run in services';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { service: Args.string({ description: 'only these services' }) };
  static override flags = { ...STACK_FLAGS, ...NOTHING_TO_CHANGE };
  static override examples = ['<%= config.bin %> top', '<%= config.bin %> top web --json'];

  async run(): Promise<ContainerProcesses[]> {
    const { flags, argv } = await this.parse(Top);
    const stack = await stackNameFromFlags(flags);
    const engine = await this.engine();
    const containers = await engine.processes({ kind: 'stack', stack, services: argv as string[] });
    if (!this.jsonEnabled()) {
      for (const { name, processes } of containers) {
        printLine(name);
        for (const line of processTable(processes)) printLine(line);
        printLine();
      }
    }
    return containers;
  }
}
