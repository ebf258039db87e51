/** `berth image load`: images out of an archive of docker, podman, skopeo or berth. */
import { createReadStream, existsSync } from 'node:fs';
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../../base/errors.ts';
import type { LoadedImage } from '../../image/load.ts';
import { listenForInterrupt } from '../../ui/interrupt.ts';
import { BerthCommand } from '../berth-command.ts';

export default class Load extends BerthCommand {
  static override summary = 'take images out of an archive';
  static override enableJsonFlag = true;
  static override flags = {
    input: Flags.string({ char: 'i', summary: 'archive, plain or compressed with gzip or zstd; stdin without it' }),
    name: Flags.string({ summary: 'for an archive of one image that has no name' }),
    replace: Flags.boolean({ summary: 'take names over that mean other images here' }),
    quiet: Flags.boolean({ char: 'q', summary: 'only the names' }),
  };
  static override examples = [
    '<%= config.bin %> image load -i images.tar',
    'zcat app.tgz | <%= config.bin %> image load',
  ];

  async run(): Promise<LoadedImage[]> {
    const { flags } = await this.parse(Load);
    if (flags.input === undefined && process.stdin.isTTY) {
      throw new BerthError('USAGE', 'there is no archive: stdin is a terminal', { hint: 'give -i FILE' });
    }
    if (flags.input !== undefined && !existsSync(flags.input)) {
      throw new BerthError('IMAGE_ARCHIVE_INVALID', `there is no file ${flags.input}`);
    }
    const archive =
      flags.input === undefined ? process.stdin : createReadStream(flags.input, { highWaterMark: 1 << 20 });
    const interrupt = listenForInterrupt('ending the load');
    try {
      const request = { name: flags.name, replace: flags.replace };
      const loaded = await (await this.engine()).imageLoad(archive, request, { signal: interrupt.signal });
      this.print(
        loaded.flatMap(({ names, id }) => names.map((name) => (flags.quiet ? name : `${name} loaded  ${id}`))),
      );
      return loaded;
    } finally {
      interrupt.close();
    }
  }
}
