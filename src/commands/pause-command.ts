/** What `berth pause` and `berth unpause` share: they differ in what the engine is asked for. */
import * as Args from '@oclif/core/args';
import type { StackActionResult } from '../engine/engine.ts';
import { BerthCommand } from './berth-command.ts';
import { DRY_RUN_FLAG, parallelLimit, STACK_FLAGS, stackNameFromFlags } from './stack-flags.ts';

export abstract class PauseCommand extends BerthCommand {
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { service: Args.string({ description: 'only these services' }) };
  static override flags = { ...STACK_FLAGS, ...DRY_RUN_FLAG };

  protected async change(action: 'pause' | 'unpause'): Promise<StackActionResult> {
    const { flags, argv } = await this.parse(PauseCommand);
    const request = {
      stack: await stackNameFromFlags(flags),
      services: argv as string[],
      dryRun: flags['dry-run'],
      parallel: parallelLimit(),
    };
    const engine = await this.engine();
    return await this.act({ dryRun: flags['dry-run'] }, (watch) => engine[action](request, watch));
  }
}
