/** `berth logs`: what the services wrote. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { parseMoment } from '../base/moment.ts';
import { listenForInterrupt } from '../ui/interrupt.ts';
import { printLogs } from '../ui/log-printer.ts';
import { BerthCommand } from './berth-command.ts';
import { parseCount } from './parse-count.ts';
import { FILE_LONG_FLAG, STACK_FLAGS, stackNameFromFlags } from './stack-flags.ts';

export default class Logs extends BerthCommand {
  static override summary = 'show what the services wrote';
  static override strict = false;
  static override args = { service: Args.string({ description: 'only these services' }) };
  static override flags = {
    ...STACK_FLAGS,
    /* As in docker compose: -f is --follow here; `berth -f FILE logs` names the stack file. */
    file: FILE_LONG_FLAG,
    follow: Flags.boolean({ char: 'f', summary: 'go on with what comes' }),
    tail: Flags.string({ char: 'n', default: 'all', summary: 'only the last N lines of each container' }),
    timestamps: Flags.boolean({ char: 't', summary: 'show the time of each line' }),
    since: Flags.string({ summary: 'from this time on: 2024-05-01T10:00:00Z, or 10m for ten minutes ago' }),
    until: Flags.string({ summary: 'up to this time' }),
    index: Flags.integer({ summary: 'only the replica with this number' }),
    'no-log-prefix': Flags.boolean({ summary: 'without the name of the service' }),
    'no-color': Flags.boolean({ summary: 'without colours' }),
  };
  static override examples = ['<%= config.bin %> logs -f web', '<%= config.bin %> logs -n 100 -t'];

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Logs);
    const stack = await stackNameFromFlags(flags);
    const engine = await this.engine();
    const interrupt = listenForInterrupt();
    const request = {
      stack,
      services: argv as string[],
      follow: flags.follow,
      tail: parseCount('--tail', flags.tail),
      sinceMs: parseMoment(flags.since),
      untilMs: parseMoment(flags.until),
      index: flags.index,
    };
    const format = { timestamps: flags.timestamps, prefix: !flags['no-log-prefix'], color: !flags['no-color'] };
    try {
      await printLogs(engine.logs(request, interrupt.signal), format);
    } finally {
      interrupt.close();
    }
    if (interrupt.signal.aborted) process.exitCode = 130;
  }
}
