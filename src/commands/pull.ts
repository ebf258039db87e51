/** `berth pull`: the images of the stack's services. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BerthError, errorData } from '../base/errors.ts';
import type { PulledImage } from '../image/pull.ts';
import { userEnvironment } from '../registry/user-environment.ts';
import { noteLine } from '../ui/output.ts';
import { showPull } from '../ui/show-pull.ts';
import { BerthCommand } from './berth-command.ts';
import { loadFromFlags, STACK_FLAGS } from './stack-flags.ts';
import { servicesWithImages } from './stack-images.ts';

export default class Pull extends BerthCommand {
  static override summary = "fetch the images of the stack's services";
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { service: Args.string({ description: 'only these services' }) };
  static override flags = {
    ...STACK_FLAGS,
    'ignore-buildable': Flags.boolean({ summary: 'leave out images that can be built' }),
    'ignore-pull-failures': Flags.boolean({ summary: 'go on when an image can not be fetched' }),
    'include-deps': Flags.boolean({ summary: 'what the services depend on too' }),
    policy: Flags.string({ options: ['missing', 'always'], summary: 'missing: only what is not there' }),
    quiet: Flags.boolean({ char: 'q', summary: 'no progress' }),
  };
  static override examples = ['<%= config.bin %> pull', '<%= config.bin %> pull --ignore-buildable web'];

  async run(): Promise<PulledImage[]> {
    const { flags, argv } = await this.parse(Pull);
    const { stack } = await loadFromFlags(flags, argv as string[]);
    const wanted = servicesWithImages(stack, argv as string[], flags);
    const engine = await this.engine();
    const known = flags.policy === 'missing' ? (await engine.images()).flatMap(({ names }) => names) : [];
    const pulled: PulledImage[] = [];
    for (const { image, platform } of wanted) {
      if (known.includes(image) || known.includes(`${image}:latest`)) continue;
      const request = { image, platform, env: userEnvironment(process.env) };
      try {
        const result = await showPull({ quiet: flags.quiet || this.jsonEnabled() }, (watch) =>
          engine.imagePull(request, watch),
        );
        pulled.push(result);
        this.print(flags.quiet ? [] : [`${result.name} ${result.isNew ? 'pulled' : 'is up to date'}`]);
      } catch (error) {
        const isFatal = !flags['ignore-pull-failures'] || !(error instanceof BerthError) || error.code === 'ABORTED';
        if (isFatal) throw error;
        noteLine(`warning: ${image}: ${errorData(error).message}`);
      }
    }
    return pulled;
  }
}
