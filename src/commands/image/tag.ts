/** `berth image tag`. */
import * as Args from '@oclif/core/args';
import type { ImageSummary } from '../../image/image.ts';
import { BerthCommand } from '../berth-command.ts';

export default class Tag extends BerthCommand {
  static override summary = 'give an image another name';
  static override enableJsonFlag = true;
  static override args = {
    source: Args.string({ required: true, description: 'name or id of the image' }),
    target: Args.string({ required: true, description: 'the new name' }),
  };
  static override examples = ['<%= config.bin %> image tag app:dev registry.example.com/team/app:1.2'];

  async run(): Promise<ImageSummary> {
    const { args } = await this.parse(Tag);
    const image = await (await this.engine()).imageTag(args);
    this.print([`${image.names[0]} ${image.id}`]);
    return image;
  }
}
