/** `berth start`: starts containers that exist. */
import * as Args from '@oclif/core/args';
import type { StackActionResult } from '../engine/engine.ts';
import { showProgress } from '../ui/show-progress.ts';
import { BerthCommand } from './berth-command.ts';
import { STACK_FLAGS, stackNameFromFlags } from './stack-flags.ts';

export default class Start extends BerthCommand {
  static override summary = 'start services that were stopped';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { service: Args.string({ description: 'only these services' }) };
  static override flags = STACK_FLAGS;
  static override examples = ['<%= config.bin %> start', '<%= config.bin %> start web'];

  async run(): Promise<StackActionResult> {
    const { flags, argv } = await this.parse(Start);
    const stack = await stackNameFromFlags(flags);
    const engine = await this.engine();
    const request = { stack, services: argv as string[] };
    const result = await showProgress({ quiet: this.jsonEnabled() }, (watch) => engine.start(request, watch));
    if (result.plan.steps.length === 0) this.print([`${stack}: nothing to do`]);
    return result;
  }
}
