/** `berth image ls`. */
import * as Flags from '@oclif/core/flags';
import { printBytes as sizeText } from '../../base/bytes.ts';
import type { ImageSummary } from '../../image/image.ts';
import { tableLines } from '../../ui/print-table.ts';
import { BerthCommand } from '../berth-command.ts';

export default class Ls extends BerthCommand {
  static override summary = 'list the images';
  static override enableJsonFlag = true;
  static override flags = { quiet: Flags.boolean({ char: 'q', summary: 'ids only' }) };
  static override examples = ['<%= config.bin %> image ls'];

  async run(): Promise<ImageSummary[]> {
    const { flags } = await this.parse(Ls);
    const images = await (await this.engine()).images();
    if (flags.quiet) this.print(images.map((image) => image.id));
    else {
      const cells = images.flatMap((i) =>
        i.names.map((name) => [name, i.id.slice(7, 19), i.createdAt.slice(0, 19), sizeText(i.sizeBytes)]),
      );
      this.print(tableLines(['NAME', 'ID', 'CREATED', 'SIZE'], cells));
    }
    return images;
  }
}
