/** `berth image import`: a root filesystem becomes an image. */
import { createReadStream, existsSync } from 'node:fs';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../../base/errors.ts';
import type { ImageSummary } from '../../image/image.ts';
import { listenForInterrupt } from '../../ui/interrupt.ts';
import { BerthCommand } from '../berth-command.ts';

const several = { multiple: true, multipleNonGreedy: true } as const;

export default class Import extends BerthCommand {
  static override summary = 'make an image of a tar archive of a root filesystem';
  static override enableJsonFlag = true;
  static override args = {
    file: Args.string({ required: true, description: 'archive (plain, gzip, zstd), or - for stdin' }),
    name: Args.string({ required: true, description: 'name of the image' }),
  };
  static override flags = {
    change: Flags.string({ char: 'c', ...several, summary: 'Dockerfile instruction to apply: CMD ["sh"]' }),
    message: Flags.string({ char: 'm', summary: 'what it is, for its history' }),
    platform: Flags.string({ summary: "what it is made for, when not this machine's: linux/arm64" }),
  };
  static override examples = [
    '<%= config.bin %> image import rootfs.tar.gz alpine:3.20',
    `<%= config.bin %> image import -c 'CMD ["/bin/app"]' -m 'first version' rootfs.tar app:1`,
    'tar -C rootfs -c . | <%= config.bin %> image import - base',
  ];

  async run(): Promise<ImageSummary> {
    const { args, flags } = await this.parse(Import);
    const engine = await this.engine();
    const interrupt = listenForInterrupt('ending the import');
    try {
      const { change: changes, message, platform } = flags;
      const request = { name: args.name, changes, message, platform };
      const image = await engine.imageImport(openArchive(args.file), request, { signal: interrupt.signal });
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
