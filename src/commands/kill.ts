/** `berth kill`: a signal to services, without grace. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { Engine, StackActionResult } from '../engine/engine.ts';
import { BerthCommand } from './berth-command.ts';
import { DRY_RUN_FLAG, STACK_FLAGS, stackNameFromFlags } from './stack-flags.ts';

export default class Kill extends BerthCommand {
  static override summary = 'send a signal to the programs of services';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { service: Args.string({ description: 'only these services' }) };
  static override flags = {
    ...STACK_FLAGS,
    ...DRY_RUN_FLAG,
    signal: Flags.string({ char: 's', default: 'SIGKILL', summary: 'signal to send' }),
    'remove-orphans': Flags.boolean({ summary: 'remove containers of services that the file no longer has' }),
  };
  static override examples = ['<%= config.bin %> kill web', '<%= config.bin %> kill -s HUP proxy'];

  async run(): Promise<StackActionResult> {
    const { flags, argv } = await this.parse(Kill);
    const stack = await stackNameFromFlags(flags);
    const engine = await this.engine();
    const dryRun = flags['dry-run'];
    const result = await engine.kill({ stack, services: argv as string[], signal: flags.signal, dryRun });
    if (dryRun) this.print(result.containers.map((row) => `${flags.signal} to ${row.Name}`));
    if (flags['remove-orphans']) await this.removeOrphans(engine, stack, dryRun);
    return result;
  }

  private async removeOrphans(engine: Engine, stack: string, dryRun: boolean): Promise<void> {
    const [all, declared] = await Promise.all(
      [false, true].map((withoutOrphans) => engine.containers({ stack, all: true, withoutOrphans })),
    );
    const known = new Set(declared!.map((row) => row.ID));
    const containers = all!.map((row) => row.ID).filter((id) => !known.has(id));
    if (containers.length === 0) return;
    const request = { stack, services: [], containers, stop: true, volumes: false, graceMs: 0, dryRun };
    await this.act({ dryRun }, (watch) => engine.remove(request, watch));
  }
}
