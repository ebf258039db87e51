/** `berth pause`: everything of a service stands still, in memory and as it is. */
import * as Args from '@oclif/core/args';
import type { StackActionResult } from '../engine/engine.ts';
import { BerthCommand } from './berth-command.ts';
import { DRY_RUN_FLAG, parallelLimit, STACK_FLAGS, stackNameFromFlags } from './stack-flags.ts';

export default class Pause extends BerthCommand {
  static override summary = 'make the programs of services stand still';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { service: Args.string({ description: 'only these services' }) };
  static override flags = { ...STACK_FLAGS, ...DRY_RUN_FLAG };
  static override examples = ['<%= config.bin %> pause', '<%= config.bin %> pause db'];

  async run(): Promise<StackActionResult> {
    const { flags, argv } = await this.parse(Pause);
    const request = {
      stack: await stackNameFromFlags(flags),
      services: argv as string[],
      dryRun: flags['dry-run'],
      parallel: parallelLimit(),
    };
    const engine = await this.engine();
    return await this.act({ dryRun: flags['dry-run'] }, (watch) => engine.pause(request, watch));
  }
}
