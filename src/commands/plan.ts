/** `berth plan`: what `up` would do, with the cause of every step. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { Plan as PlanData } from '../engine/plan.ts';
import { planLines } from '../ui/print-plan.ts';
import { planWithProviders } from './ask-providers.ts';
import { BerthCommand } from './berth-command.ts';
import { planExitCode, writePlanFile } from './plan-file.ts';
import { UP_REQUEST_FLAGS, upRequest } from './up-request.ts';

export default class Plan extends BerthCommand {
  static override summary = 'show what `up` would do and why; changes nothing';
  static override description = 'Exit code 0: nothing to do; 2: there are changes; anything else: it failed.';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { service: Args.string({ description: 'only these services and what they depend on' }) };
  static override flags = {
    ...UP_REQUEST_FLAGS,
    output: Flags.string({ char: 'o', summary: 'write the plan to this file, for `up --plan`' }),
  };
  static override examples = [
    '<%= config.bin %> plan',
    '<%= config.bin %> plan -o next.plan && berth up --plan next.plan',
  ];

  async run(): Promise<PlanData> {
    const { flags, argv } = await this.parse(Plan);
    const request = await upRequest(flags, argv as string[]);
    const engine = await this.engine();
    const plan = await planWithProviders(engine, request);
    if (flags.output !== undefined) await writePlanFile(flags.output, request, plan);
    this.print(planLines(plan));
    process.exitCode = planExitCode(plan);
    return plan;
  }
}
