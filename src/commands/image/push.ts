/** `berth image push`. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { PushedImage } from '../../image/push.ts';
import { userEnvironment } from '../../registry/user-environment.ts';
import { showPull } from '../../ui/show-pull.ts';
import { BerthCommand } from '../berth-command.ts';
import { noteHostBase } from '../note-host-base.ts';

export default class Push extends BerthCommand {
  static override summary = 'send images to their registries';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { image: Args.string({ required: true, description: 'names of images' }) };
  static override flags = { quiet: Flags.boolean({ char: 'q', summary: 'only the names' }) };
  static override examples = ['<%= config.bin %> image push registry.example.com/team/app:1.2'];

  async run(): Promise<PushedImage[]> {
    const { flags, argv } = await this.parse(Push);
    const engine = await this.engine();
    await noteHostBase(engine, argv as string[]);
    const pushed: PushedImage[] = [];
    for (const image of argv as string[]) {
      const request = { image, env: userEnvironment(process.env) };
      const result = await showPull({ quiet: flags.quiet || this.jsonEnabled() }, (watch) =>
        engine.imagePush(request, watch),
      );
      pushed.push(result);
      this.print(flags.quiet ? [result.name] : [`${result.name} pushed  ${result.digest}`]);
    }
    return pushed;
  }
}
