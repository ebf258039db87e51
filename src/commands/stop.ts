/** `berth stop`: ends the programs, keeps the containers. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { StackActionResult } from '../engine/engine.ts';
import { BerthCommand } from './berth-command.ts';
import { DRY_RUN_FLAG, parallelLimit, STACK_FLAGS, secondsToMs, stackNameFromFlags } from './stack-flags.ts';

export default class Stop extends BerthCommand {
  static override summary = 'stop services without removing them';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { service: Args.string({ description: 'only these services' }) };
  static override flags = {
    ...STACK_FLAGS,
    ...DRY_RUN_FLAG,
    timeout: Flags.integer({ char: 't', summary: 'seconds between the stop signal and the kill' }),
  };
  static override examples = ['<%= config.bin %> stop', '<%= config.bin %> stop web'];

  async run(): Promise<StackActionResult> {
    const { flags, argv } = await this.parse(Stop);
    const request = {
      stack: await stackNameFromFlags(flags),
      services: argv as string[],
      graceMs: secondsToMs(flags.timeout),
      dryRun: flags['dry-run'],
      parallel: parallelLimit(),
    };
    const engine = await this.engine();
    return await this.act({ dryRun: flags['dry-run'] }, (watch) => engine.stopServices(request, watch));
  }
}
