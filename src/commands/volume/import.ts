/** `berth volume import`: a tar archive into a volume. */
import { createReadStream, existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../../base/errors.ts';
import type { VolumeSummary } from '../../engine/copy-calls.ts';
import { listenForInterrupt } from '../../ui/interrupt.ts';
import { BerthCommand } from '../berth-command.ts';
import { plainTar } from '../plain-tar.ts';

export default class Import extends BerthCommand {
  static override summary = 'fill a volume from a tar archive; it is made when it is not there';
  static override enableJsonFlag = true;
  static override args = {
    volume: Args.string({ required: true, description: 'name of the volume' }),
    file: Args.string({ default: '-', description: 'archive (plain or gzip); - is stdin' }),
  };
  static override flags = {
    replace: Flags.boolean({ summary: 'remove what is in the volume first' }),
  };
  static override examples = [
    '<%= config.bin %> volume import shop_data data.tar',
    '<%= config.bin %> volume export a | <%= config.bin %> volume import b',
  ];

  async run(): Promise<VolumeSummary> {
    const { args, flags } = await this.parse(Import);
    const engine = await this.engine();
    const interrupt = listenForInterrupt('ending the import');
    try {
      const tar = await plainTar(openArchive(args.file));
      const volume = await engine.volumeImport(args.volume, tar, { replace: flags.replace, signal: interrupt.signal });
      this.print([volume.Name]);
      return volume;
    } finally {
      interrupt.close();
    }
  }
}

function openArchive(file: string): Readable {
  if (file === '-') {
    if (process.stdin.isTTY) throw new BerthError('USAGE', 'no archive: name a file, or pipe one in');
    return process.stdin;
  }
  if (!existsSync(file)) throw new BerthError('USAGE', `there is no file ${file}`);
  return createReadStream(file, { highWaterMark: 1 << 20 });
}
