/** `berth restart`: the same containers, started anew; says when the stack file means others by now. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../base/errors.ts';
import type { Engine, StackActionResult } from '../engine/engine.ts';
import { noteLine } from '../ui/output.ts';
import { BerthCommand } from './berth-command.ts';
import {
  DRY_RUN_FLAG,
  loadFromFlags,
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
    for (const line of await changesSince(engine, flags, services)) noteLine(line);
    return result;
  }
}

/** What `up` would do to the services by now. No stack file, or one with errors, changes nothing for a restart. */
async function changesSince(engine: Engine, flags: StackFlagValues, services: readonly string[]): Promise<string[]> {
  try {
    const { stack, positions } = await loadFromFlags(flags, services);
    const { steps } = await engine.plan({ stack, positions, services, noDeps: true });
    const changes = steps.filter(({ op }) => op.kind === 'create-container' || op.kind === 'update-container');
    if (changes.length === 0) return [];
    const lines = changes.map((step) => `  ${step.target.replace(':', ' ')}: ${step.why}`);
    return ['the stack file has changed since; `berth up -d` would take over:', ...lines];
  } catch (error) {
    if (error instanceof BerthError) return [];
    throw error;
  }
}
