/** `berth scale`: another number of replicas than the file's. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../base/errors.ts';
import type { UpResult } from '../engine/engine.ts';
import { BerthCommand } from './berth-command.ts';
import { parseScale } from './parse-scale.ts';
import { DRY_RUN_FLAG, loadFromFlags, parallelLimit, STACK_FLAGS } from './stack-flags.ts';

export default class Scale extends BerthCommand {
  static override summary = 'change how many replicas services have';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { replicas: Args.string({ required: true, description: 'SERVICE=N' }) };
  static override flags = {
    ...STACK_FLAGS,
    ...DRY_RUN_FLAG,
    'no-deps': Flags.boolean({ summary: 'leave alone what the services depend on' }),
  };
  static override examples = ['<%= config.bin %> scale web=3', '<%= config.bin %> scale web=3 worker=0'];

  async run(): Promise<Pick<UpResult, 'plan'>> {
    const { flags, argv } = await this.parse(Scale);
    const scale = parseScale('', argv as string[]);
    const services = Object.keys(scale);
    if (services.length === 0) throw new BerthError('USAGE', 'scale needs SERVICE=N');
    const { stack, positions, providers } = await loadFromFlags(flags, services);
    const engine = await this.engine();
    const request = {
      stack,
      positions,
      providers,
      services,
      scale,
      noDeps: flags['no-deps'],
      parallel: parallelLimit(),
    };
    const dryRun = flags['dry-run'];
    return await this.act<Pick<UpResult, 'plan'>>({ dryRun }, async (watch) =>
      dryRun ? { plan: await engine.plan(request) } : await engine.up(request, watch),
    );
  }
}
