/** `berth start`: starts containers that exist. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { StackActionResult } from '../engine/engine.ts';
import { BerthCommand } from './berth-command.ts';
import { DRY_RUN_FLAG, parallelLimit, STACK_FLAGS, secondsToMs, stackNameFromFlags } from './stack-flags.ts';

export default class Start extends BerthCommand {
  static override summary = 'start services that were stopped';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { service: Args.string({ description: 'only these services' }) };
  static override flags = {
    ...STACK_FLAGS,
    ...DRY_RUN_FLAG,
    wait: Flags.boolean({ summary: 'return when everything runs and is healthy' }),
    'wait-timeout': Flags.integer({ summary: 'give up waiting after this many seconds' }),
  };
  static override examples = ['<%= config.bin %> start', '<%= config.bin %> start --wait web'];

  async run(): Promise<StackActionResult> {
    const { flags, argv } = await this.parse(Start);
    const request = {
      stack: await stackNameFromFlags(flags),
      services: argv as string[],
      dryRun: flags['dry-run'],
      parallel: parallelLimit(),
      wait: flags.wait,
      waitTimeoutMs: secondsToMs(flags['wait-timeout']),
    };
    const engine = await this.engine();
    return await this.act({ dryRun: flags['dry-run'] }, (watch) => engine.start(request, watch));
  }
}
