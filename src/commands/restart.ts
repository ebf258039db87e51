/** `berth restart`: the same containers, started anew; says when the stack file means others by now. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../base/errors.ts';
import type { Engine, StackActionResult } from '../engine/engine.ts';
import { noteLine } from '../ui/output.ts';
import { BerthCommand } from './berth-command.ts';
import { changesSince } from './stack-file-lines.ts';
import {
  DRY_RUN_FLAG,
  parallelLimit,
  STACK_FLAGS,
  type StackFlagValues,
  secondsToMs,
  stackNameFromFlags,
} from './stack-flags.ts';

export default class Restart extends BerthCommand {
  static override summary = 'stop services and start them again';
  static override description =
    'The containers stay as they are: what has changed in the stack file since is said, and taken over by `up`.';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { service: Args.string({ description: 'only these services' }) };
  static override flags = {
    ...STACK_FLAGS,
    ...DRY_RUN_FLAG,
    timeout: Flags.integer({ char: 't', summary: 'seconds between the stop signal and the kill' }),
    'no-deps': Flags.boolean({ summary: 'leave alone services that follow a restart (depends_on: restart)' }),
  };
  static override examples = ['<%= config.bin %> restart', '<%= config.bin %> restart -t 1 web'];

  async run(): Promise<StackActionResult> {
    const { flags, argv } = await this.parse(Restart);
    const services = argv as string[];
    const request = {
      stack: await stackNameFromFlags(flags),
      services,
      graceMs: secondsToMs(flags.timeout),
      noDeps: flags['no-deps'],
      dryRun: flags['dry-run'],
      parallel: parallelLimit(),
    };
    const engine = await this.engine();
    const result = await this.act({ dryRun: flags['dry-run'] }, (watch) => engine.restart(request, watch));
    for (const line of await changesOrNone(engine, flags, services)) noteLine(line);
    return result;
  }
}

/** No stack file, or one with errors, changes nothing for a restart. */
async function changesOrNone(engine: Engine, flags: StackFlagValues, services: readonly string[]): Promise<string[]> {
  try {
    return await changesSince(engine, flags, services);
  } catch (error) {
    if (error instanceof BerthError) return [];
    throw error;
  }
}
