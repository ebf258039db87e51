/** `berth stats`: what services use, as it changes. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { UsageRow } from '../ui/print-usage.ts';
import { showUsage } from '../ui/show-usage.ts';
import { BerthCommand } from './berth-command.ts';
import { NOTHING_TO_CHANGE, STACK_FLAGS, stackNameFromFlags } from './stack-flags.ts';

export const STATS_FLAGS = {
  all: Flags.boolean({ char: 'a', summary: 'those that do not run too' }),
  format: Flags.string({ summary: 'table, json (one object a line) or a template like {{.Name}} {{.CPUPerc}}' }),
  'no-stream': Flags.boolean({ summary: 'print once and end' }),
  'no-trunc': Flags.boolean({ summary: 'show everything in its whole length' }),
};

export default class Stats extends BerthCommand {
  static override summary = 'show what services use of CPU, memory, network and disk, until Ctrl-C';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { service: Args.string({ description: 'only these services' }) };
  static override flags = { ...STACK_FLAGS, ...NOTHING_TO_CHANGE, ...STATS_FLAGS };
  static override examples = [
    '<%= config.bin %> stats',
    "<%= config.bin %> stats --no-stream --format '{{.Name}} {{.MemUsage}}'",
  ];

  async run(): Promise<UsageRow[]> {
    const { flags, argv } = await this.parse(Stats);
    const stack = await stackNameFromFlags(flags);
    const engine = await this.engine();
    const json = this.jsonEnabled();
    return await showUsage(
      engine,
      { kind: 'stack', stack, services: argv as string[] },
      {
        once: flags['no-stream'] || json,
        all: flags.all,
        format: json ? 'none' : flags.format,
        noTrunc: flags['no-trunc'],
      },
    );
  }
}
