/** `berth logs`: what the services wrote. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BerthCommand } from './berth-command.ts';
import { LOG_FLAGS, showLogs } from './log-flags.ts';
import { FILE_LONG_FLAG, STACK_FLAGS, stackNameFromFlags } from './stack-flags.ts';

export default class Logs extends BerthCommand {
  static override summary = 'show what the services wrote';
  static override strict = false;
  static override args = { service: Args.string({ description: 'only these services' }) };
  static override flags = {
    ...STACK_FLAGS,
    /* As in docker compose: -f is --follow here; `berth -f FILE logs` names the stack file. */
    file: FILE_LONG_FLAG,
    ...LOG_FLAGS,
    index: Flags.integer({ summary: 'only the replica with this number' }),
    'no-log-prefix': Flags.boolean({ summary: 'without the name of the service' }),
    'no-color': Flags.boolean({ summary: 'without colours' }),
  };
  static override examples = [
    '<%= config.bin %> logs -f web',
    '<%= config.bin %> logs -n 100 -t',
    '<%= config.bin %> logs --level warn --since 1h',
    '<%= config.bin %> logs -n 5 --grep "timeout|refused" -i -C 3',
  ];

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Logs);
    const stack = await stackNameFromFlags(flags);
    const engine = await this.engine();
    const target = { stack, services: argv as string[], index: flags.index };
    await showLogs(engine, target, { flags, prefix: !flags['no-log-prefix'], color: !flags['no-color'] });
  }
}
