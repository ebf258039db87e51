/** `berth logs`: what the services wrote. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { printBytes } from '../base/bytes.ts';
import type { LogsPruned } from '../engine/logs/retain.ts';
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
    'one-off': Flags.boolean({ summary: 'what `berth run` ran of the services, too' }),
    prune: Flags.boolean({
      summary: 'remove what is kept of containers that are gone',
      exclusive: ['follow', 'since', 'until', 'index', 'grep', 'level'],
    }),
    'no-log-prefix': Flags.boolean({ summary: 'without the name of the service' }),
    'no-color': Flags.boolean({ summary: 'without colours' }),
  };
  static override examples = [
    '<%= config.bin %> logs -f web',
    '<%= config.bin %> logs -n 100 -t',
    '<%= config.bin %> logs --level warn --since 1h',
    '<%= config.bin %> logs --prune web',
    '<%= config.bin %> logs -n 5 --grep "timeout|refused" -i -C 3',
  ];

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Logs);
    const stack = await stackNameFromFlags(flags);
    if (flags.prune) {
      const engine = await this.engine();
      return this.print([prunedText(await engine.logsPrune({ stack, services: argv as string[] }))]);
    }
    const target = { stack, services: argv as string[], index: flags.index, oneOff: flags['one-off'] };
    await showLogs(() => this.engine(), target, { flags, prefix: !flags['no-log-prefix'], color: !flags['no-color'] });
  }
}

function prunedText({ runs, bytes }: LogsPruned): string {
  return `removed the logs of ${runs} ${runs === 1 ? 'container' : 'containers'}, ${printBytes(bytes)}`;
}
