/** `berth create`: the stack's containers, networks and volumes, without starting anything. */
import * as Args from '@oclif/core/args';
import type { UpResult } from '../engine/engine.ts';
import { askProviders, namesOnlyProviders, planWithProviders } from './ask-providers.ts';
import { BerthCommand } from './berth-command.ts';
import { buildImages } from './build-services.ts';
import { DRY_RUN_FLAG, STACK_FLAGS } from './stack-flags.ts';
import { BUILD_FLAGS, isTerse, MAKING_FLAGS, upRequest } from './up-request.ts';

export default class Create extends BerthCommand {
  static override summary = 'create containers of services, and do not start them';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { service: Args.string({ description: 'only these services and what they depend on' }) };
  static override flags = { ...STACK_FLAGS, ...DRY_RUN_FLAG, ...BUILD_FLAGS, ...MAKING_FLAGS };
  static override examples = ['<%= config.bin %> create', '<%= config.bin %> create --scale worker=3'];

  async run(): Promise<Pick<UpResult, 'plan'>> {
    const { flags, argv } = await this.parse(Create);
    const read = { ...(await upRequest(flags, argv as string[])), noStart: true };
    const engine = await this.engine();
    const dryRun = flags['dry-run'];
    if (dryRun) return await this.act({ dryRun }, async () => ({ plan: await planWithProviders(engine, read) }));
    const request = await askProviders(read, { quiet: this.jsonEnabled() });
    if (namesOnlyProviders(read)) return { plan: { stack: read.stack.name, steps: [] } };
    await buildImages(engine, request, { ...flags, silent: this.jsonEnabled() });
    return await this.act<Pick<UpResult, 'plan'>>({ dryRun, terse: isTerse(flags) }, (watch) =>
      engine.up(request, watch),
    );
  }
}
