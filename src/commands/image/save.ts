/** `berth image save`: images as one archive, for docker, podman, skopeo and berth. */
import { createWriteStream, renameSync, rmSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../../base/errors.ts';
import { BerthCommand } from '../berth-command.ts';
import { noteHostBase } from '../note-host-base.ts';

export default class Save extends BerthCommand {
  static override summary = 'write images to an archive';
  static override strict = false;
  static override args = { image: Args.string({ required: true, description: 'names of images' }) };
  static override flags = {
    output: Flags.string({ char: 'o', summary: 'file; stdout without it' }),
    gzip: Flags.boolean({ summary: 'compress the archive; a file whose name ends in .gz or .tgz is anyway' }),
  };
  static override examples = [
    '<%= config.bin %> image save -o images.tar redis:7 postgres:16',
    '<%= config.bin %> image save app:1 | ssh other berth image load',
  ];

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Save);
    if (flags.output === undefined && process.stdout.isTTY) {
      throw new BerthError('USAGE', 'an archive is nothing for a terminal', {
        hint: 'give -o FILE, or send it on with |',
      });
    }
    const engine = await this.engine();
    await noteHostBase(engine, argv as string[]);
    const archive = await engine.imageSave(argv as string[]);
    const packed = flags.gzip || /\.(gz|tgz)$/.test(flags.output ?? '') ? [archive, createGzip()] : [archive];
    if (flags.output === undefined) return await pipeline([...packed, process.stdout]);
    /* A half archive must not have the name of a whole one. */
    const part = `${flags.output}.part-${process.pid}`;
    try {
      await pipeline([...packed, createWriteStream(part)]);
      renameSync(part, flags.output);
    } finally {
      rmSync(part, { force: true });
    }
  }
}
