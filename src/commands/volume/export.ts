/** `berth volume export`: what is in a volume, as a tar archive. */
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../../base/errors.ts';
import { listenForInterrupt } from '../../ui/interrupt.ts';
import { BerthCommand } from '../berth-command.ts';

export default class Export extends BerthCommand {
  static override summary = 'write what is in a volume as a tar archive';
  static override args = { volume: Args.string({ required: true, description: 'name of the volume' }) };
  static override flags = { output: Flags.string({ char: 'o', summary: 'file to write, instead of stdout' }) };
  static override examples = [
    '<%= config.bin %> volume export shop_data -o data.tar',
    '<%= config.bin %> volume export shop_data | gzip > data.tar.gz',
  ];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Export);
    if (flags.output === undefined && process.stdout.isTTY === true) {
      throw new BerthError('USAGE', 'an archive is nothing for a terminal', { hint: 'name a file: -o data.tar' });
    }
    const engine = await this.engine();
    const interrupt = listenForInterrupt('ending the export');
    try {
      const tar = await engine.volumeExport(args.volume, interrupt.signal);
      if (flags.output === undefined) await pipeline(tar, process.stdout);
      else await writeWhole(tar, flags.output);
    } finally {
      interrupt.close();
    }
  }
}

/** Under its name only when it is complete. */
async function writeWhole(tar: NodeJS.ReadableStream, path: string): Promise<void> {
  const part = `${path}.part`;
  try {
    await pipeline(tar, createWriteStream(part, { mode: 0o600 }));
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
