/** `berth builder ls`: what builds have cached. */
import { printBytes } from '../../base/bytes.ts';
import type { CacheEntry } from '../../build/solve/build-cache.ts';
import { tableLines } from '../../ui/print-table.ts';
import { BerthCommand } from '../berth-command.ts';

export default class Ls extends BerthCommand {
  static override summary = 'list the results of build steps that are kept';
  static override enableJsonFlag = true;
  static override examples = ['<%= config.bin %> builder ls'];

  async run(): Promise<CacheEntry[]> {
    await this.parse(Ls);
    const entries = await (await this.engine()).buildCache();
    const steps = entries.filter(({ layer }) => layer !== null);
    const cells = steps.map(({ key, title, sizeBytes, usedMs }) => [
      key.slice(0, 12),
      printBytes(sizeBytes),
      new Date(usedMs).toISOString().slice(0, 19),
      title,
    ]);
    this.print(tableLines(['KEY', 'SIZE', 'LAST USED', 'STEP'], cells));
    return entries;
  }
}
