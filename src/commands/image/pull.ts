/** `berth image pull`. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { PulledImage } from '../../image/pull.ts';
import { userEnvironment } from '../../registry/user-environment.ts';
import { showPull } from '../../ui/show-pull.ts';
import { BerthCommand } from '../berth-command.ts';

export default class Pull extends BerthCommand {
  static override summary = 'fetch images from their registries';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { image: Args.string({ required: true, description: 'names of images' }) };
  static override flags = {
    platform: Flags.string({
      summary: 'OS/ARCHITECTURE, when an image is made for several',
      env: 'DOCKER_DEFAULT_PLATFORM',
    }),
    quiet: Flags.boolean({ char: 'q', summary: 'only the names' }),
  };
  static override examples = [
    '<%= config.bin %> image pull redis:7',
    '<%= config.bin %> image pull --platform linux/arm64 alpine',
  ];

  async run(): Promise<PulledImage[]> {
    const { flags, argv } = await this.parse(Pull);
    const engine = await this.engine();
    const pulled: PulledImage[] = [];
    for (const image of argv as string[]) {
      const request = { image, platform: flags.platform, env: userEnvironment(process.env) };
      const result = await showPull({ quiet: flags.quiet || this.jsonEnabled() }, (watch) =>
        engine.imagePull(request, watch),
      );
      pulled.push(result);
      this.print(
        flags.quiet ? [result.name] : [`${result.name} ${result.isNew ? 'pulled' : 'is up to date'}  ${result.digest}`],
      );
    }
    return pulled;
  }
}
