/** `berth container stats`: what containers use, as it changes. */
import * as Args from '@oclif/core/args';
import type { UsageRow } from '../../ui/print-usage.ts';
import { showUsage } from '../../ui/show-usage.ts';
import { BerthCommand } from '../berth-command.ts';
import { STATS_FLAGS } from '../stats.ts';

export default class ContainerStats extends BerthCommand {
  static override summary = 'show what containers use of CPU, memory, network and disk, until Ctrl-C';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { container: Args.string({ description: 'names or ids; all, when none is given' }) };
  static override flags = STATS_FLAGS;
  static override examples = ['<%= config.bin %> container stats', '<%= config.bin %> container stats --no-stream web'];

  async run(): Promise<UsageRow[]> {
    const { flags, argv } = await this.parse(ContainerStats);
    const names = argv as string[];
    const engine = await this.engine();
    const json = this.jsonEnabled();
    const view = {
      once: flags['no-stream'] || json,
      all: flags.all || names.length > 0,
      format: json ? 'none' : flags.format,
      noTrunc: flags['no-trunc'],
    };
    return await showUsage(engine, { kind: 'names', names }, view);
  }
}
