/** `berth stop`: ends the programs, keeps the containers. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { StackActionResult } from '../engine/engine.ts';
import { showProgress } from '../ui/show-progress.ts';
import { BerthCommand } from './berth-command.ts';
import { STACK_FLAGS, secondsToMs, stackNameFromFlags } from './stack-flags.ts';

export default class Stop extends BerthCommand {
  static override summary = 'stop services without removing them';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { service: Args.string({ description: 'only these services' }) };
  static override flags = {
    ...STACK_FLAGS,
    timeout: Flags.integer({ char: 't', summary: 'seconds between the stop signal and the kill' }),
  };
  static override examples = ['<%= config.bin %> stop', '<%= config.bin %> stop web'];

  async run(): Promise<StackActionResult> {
    const { flags, argv } = await this.parse(Stop);
    const stack = await stackNameFromFlags(flags);
    const engine = await this.engine();
    const request = { stack, services: argv as string[], graceMs: secondsToMs(flags.timeout) };
    const result = await showProgress({ quiet: this.jsonEnabled() }, (watch) => engine.stopServices(request, watch));
    if (result.plan.steps.length === 0) this.print([`${stack}: nothing to do`]);
    return result;
  }
}
