/** `berth stop`: ends the programs, keeps the containers. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { StackActionResult } from '../engine/engine.ts';
import {
  containersOf,
  namesOnlyProviders,
  providersToTell,
  type Telling,
  tellingLines,
  tellProviders,
} from './ask-providers.ts';
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
    /* First: a stack file from stdin can only be read once. */
    const stack = await stackNameFromFlags(flags);
    const telling = await providersToTell(flags, argv as string[], this.jsonEnabled());
    const services = containersOf(telling);
    const request = {
      stack,
      services,
      graceMs: secondsToMs(flags.timeout),
      dryRun: flags['dry-run'],
      parallel: parallelLimit(),
    };
    if (namesOnlyProviders(telling)) return await this.tell(telling, request.stack, flags['dry-run']);
    const engine = await this.engine();
    const result = await this.act({ dryRun: flags['dry-run'] }, (watch) => engine.stopServices(request, watch));
    await this.tell(telling, request.stack, flags['dry-run']);
    return result;
  }

  private async tell(telling: Telling, stack: string, dryRun: boolean): Promise<StackActionResult> {
    if (dryRun) this.print(tellingLines(telling, 'stop'));
    else await tellProviders(telling, 'stop');
    return { plan: { stack, steps: [] }, containers: [] };
  }
}
