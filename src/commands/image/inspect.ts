/** `berth image inspect`: everything known about an image, as JSON. */
import * as Args from '@oclif/core/args';
import type { ImageInspect } from '../../image/image.ts';
import { printLine } from '../../ui/output.ts';
import { BerthCommand } from '../berth-command.ts';

export default class Inspect extends BerthCommand {
  static override summary = 'show all about an image';
  static override enableJsonFlag = true;
  static override args = { image: Args.string({ required: true, description: 'name of the image' }) };
  static override examples = ['<%= config.bin %> image inspect host'];

  async run(): Promise<ImageInspect> {
    const { args } = await this.parse(Inspect);
    const image = await (await this.engine()).imageInspect(args.image);
    if (!this.jsonEnabled()) printLine(JSON.stringify(image, null, 2));
    return image;
  }
}
