/** `berth image import`: a root filesystem becomes an image. */
import { createReadStream, existsSync } from 'node:fs';
import * as Args from '@oclif/core/args';
import { BerthError } from '../../base/errors.ts';
import type { ImageSummary } from '../../image/image.ts';
import { listenForInterrupt } from '../../ui/interrupt.ts';
import { BerthCommand } from '../berth-command.ts';

export default class Import extends BerthCommand {
  static override summary = 'make an image of a tar archive of a root filesystem';
  static override enableJsonFlag = true;
  static override args = {
    file: Args.string({ required: true, description: 'archive (plain, gzip, zstd), or - for stdin' }),
    name: Args.string({ required: true, description: 'name of the image' }),
  };
  static override examples = [
    '<%= config.bin %> image import rootfs.tar.gz alpine:3.20',
    'tar -C rootfs -c . | <%= config.bin %> image import - base',
  ];

  async run(): Promise<ImageSummary> {
    const { args } = await this.parse(Import);
    const engine = await this.engine();
    const interrupt = listenForInterrupt('ending the import');
    try {
      const image = await engine.imageImport(openArchive(args.file), args.name, { signal: interrupt.signal });
      this.print([`${image.names[0] ?? args.name} ${image.id}`]);
      return image;
    } finally {
      interrupt.close();
    }
  }
}

function openArchive(file: string) {
  if (file === '-') return process.stdin;
  if (!existsSync(file)) throw new BerthError('IMAGE_ARCHIVE_INVALID', `there is no file ${file}`);
  return createReadStream(file, { highWaterMark: 1 << 20 });
}
