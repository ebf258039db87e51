/** `berth image ls`. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { ImageSummary } from '../../image/image.ts';
import { BerthCommand } from '../berth-command.ts';
import { IMAGE_FILTERS, imageLines, selectImages } from '../image-rows.ts';
import { filterFlag, parseFilters } from '../list-filters.ts';

export default class Ls extends BerthCommand {
  static override summary = 'list the images';
  static override enableJsonFlag = true;
  static override args = { name: Args.string({ description: 'only images of this name; * stands for anything' }) };
  static override flags = {
    all: Flags.boolean({ char: 'a', hidden: true, summary: 'accepted for scripts: all are listed' }),
    quiet: Flags.boolean({ char: 'q', summary: 'ids only' }),
    digests: Flags.boolean({ summary: 'with the digest that their registry means' }),
    'no-trunc': Flags.boolean({ summary: 'whole ids' }),
    filter: filterFlag(IMAGE_FILTERS, 'f'),
    format: Flags.string({ summary: 'table, json (one object a line) or a template like {{.Repository}}:{{.Tag}}' }),
  };
  static override examples = ['<%= config.bin %> image ls', "<%= config.bin %> image ls --filter reference='team/*'"];

  async run(): Promise<ImageSummary[]> {
    const { args, flags } = await this.parse(Ls);
    const filters = parseFilters(flags.filter ?? [], IMAGE_FILTERS);
    const images = selectImages(await (await this.engine()).images(), { name: args.name, filters });
    this.print(imageLines(images, { ...flags, noTrunc: flags['no-trunc'] }));
    return images;
  }
}
