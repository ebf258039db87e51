/** `berth push`: the images of the stack's services that it builds. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BerthError, errorData } from '../base/errors.ts';
import type { PushedImage } from '../image/push.ts';
import { userEnvironment } from '../registry/user-environment.ts';
import { noteLine } from '../ui/output.ts';
import { showPull } from '../ui/show-pull.ts';
import { BerthCommand } from './berth-command.ts';
import { noteHostBase } from './note-host-base.ts';
import { loadFromFlags, STACK_FLAGS } from './stack-flags.ts';
import { servicesWithImages } from './stack-images.ts';

export default class Push extends BerthCommand {
  static override summary = "send the images of the stack's services to their registries";
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { service: Args.string({ description: 'only these services' }) };
  static override flags = {
    ...STACK_FLAGS,
    'ignore-push-failures': Flags.boolean({ summary: 'go on when an image can not be sent' }),
    'include-deps': Flags.boolean({ summary: 'what the services depend on too' }),
    quiet: Flags.boolean({ char: 'q', summary: 'no progress' }),
  };
  static override examples = ['<%= config.bin %> push', '<%= config.bin %> push web'];

  async run(): Promise<PushedImage[]> {
    const { flags, argv } = await this.parse(Push);
    const { stack } = await loadFromFlags(flags, argv as string[]);
    const engine = await this.engine();
    const pushed: PushedImage[] = [];
    const services = servicesWithImages(stack, argv as string[], flags);
    await noteHostBase(
      engine,
      services.map(({ image }) => image),
    );
    for (const { image } of services) {
      const request = { image, env: userEnvironment(process.env) };
      try {
        const result = await showPull({ quiet: flags.quiet || this.jsonEnabled() }, (watch) =>
          engine.imagePush(request, watch),
        );
        pushed.push(result);
        this.print(flags.quiet ? [] : [`${result.name} pushed  ${result.digest}`]);
      } catch (error) {
        const isFatal = !flags['ignore-push-failures'] || !(error instanceof BerthError) || error.code === 'ABORTED';
        if (isFatal) throw error;
        noteLine(`warning: ${image}: ${errorData(error).message}`);
      }
    }
    return pushed;
  }
}
