/** `berth volume rm`. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../../base/errors.ts';
import { BerthCommand } from '../berth-command.ts';

export default class Rm extends BerthCommand {
  static override summary = 'remove volumes, with their data';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { volume: Args.string({ required: true, description: 'names of volumes' }) };
  static override flags = {
    force: Flags.boolean({ char: 'f', summary: 'one that is not there is no failure' }),
  };
  static override examples = ['<%= config.bin %> volume rm shop_data'];

  /** All are tried; the first failure is the command's. */
  async run(): Promise<string[]> {
    const { argv, flags } = await this.parse(Rm);
    const engine = await this.engine();
    const removed: string[] = [];
    const failures: unknown[] = [];
    for (const name of argv as string[]) {
      try {
        await engine.volumeRemove(name);
        removed.push(name);
        this.print([name]);
      } catch (error) {
        if (flags.force && error instanceof BerthError && error.code === 'VOLUME_NOT_FOUND') continue;
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    return removed;
  }
}
