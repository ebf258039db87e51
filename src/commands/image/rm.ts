/** `berth image rm`. */
import * as Args from '@oclif/core/args';
import type { RemovedImage } from '../../image/image.ts';
import { BerthCommand } from '../berth-command.ts';

export default class Rm extends BerthCommand {
  static override summary = 'remove images';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { image: Args.string({ required: true, description: 'names of images' }) };
  static override examples = ['<%= config.bin %> image rm alpine:3.20'];

  async run(): Promise<RemovedImage[]> {
    const { argv } = await this.parse(Rm);
    const engine = await this.engine();
    const removed: RemovedImage[] = [];
    for (const name of argv as string[]) {
      const result = await engine.imageRemove(name);
      removed.push(result);
      this.print([...result.untagged.map((n) => `untagged ${n}`), ...result.deleted.map((d) => `deleted ${d}`)]);
    }
    return removed;
  }
}
