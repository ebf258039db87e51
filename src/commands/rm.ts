/** `berth rm`: removes containers that do not run any more. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { RemoveRequest, StackActionResult } from '../engine/engine.ts';
import { confirm } from '../ui/confirm.ts';
import { BerthCommand } from './berth-command.ts';
import { DRY_RUN_FLAG, FILE_LONG_FLAG, parallelLimit, STACK_FLAGS, stackNameFromFlags } from './stack-flags.ts';

export default class Rm extends BerthCommand {
  static override summary = 'remove the stopped containers of services';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { service: Args.string({ description: 'only these services' }) };
  static override flags = {
    ...STACK_FLAGS,
    ...DRY_RUN_FLAG,
    force: Flags.boolean({ char: 'f', summary: 'do not ask' }),
    /* As in docker compose: -f is --force here; `berth -f FILE rm` names the stack file. */
    file: FILE_LONG_FLAG,
    stop: Flags.boolean({ char: 's', summary: 'stop those that run first' }),
    volumes: Flags.boolean({ char: 'v', summary: 'remove their anonymous volumes too, with their data' }),
    all: Flags.boolean({ char: 'a', hidden: true, summary: 'accepted for scripts: it has no meaning any more' }),
  };
  static override examples = ['<%= config.bin %> rm', '<%= config.bin %> rm -fsv worker'];

  async run(): Promise<StackActionResult> {
    const { flags, argv } = await this.parse(Rm);
    const request: RemoveRequest = {
      stack: await stackNameFromFlags(flags),
      services: argv as string[],
      stop: flags.stop,
      volumes: flags.volumes,
      parallel: parallelLimit(),
    };
    const engine = await this.engine();
    const dryRun = flags['dry-run'];
    if (!dryRun && !flags.force && !this.jsonEnabled()) {
      const { plan } = await engine.remove({ ...request, dryRun: true });
      const names = plan.steps.flatMap(({ op }) => (op.kind === 'remove-container' ? [op.name] : []));
      const question = `Going to remove ${names.join(', ')}. Are you sure?`;
      if (names.length > 0 && !(await confirm(question, '--force')))
        return { plan: { ...plan, steps: [] }, containers: [] };
    }
    return await this.act({ dryRun }, (watch) => engine.remove({ ...request, dryRun }, watch));
  }
}
