/** `berth system df`: what images, containers, volumes and logs take up. */
import { printBytes } from '../../base/bytes.ts';
import type { DiskUsage } from '../../engine/image-calls.ts';
import { tableLines } from '../../ui/print-table.ts';
import { BerthCommand } from '../berth-command.ts';

export default class Df extends BerthCommand {
  static override summary = 'show what is used of the disk, and what could be freed';
  static override enableJsonFlag = true;
  static override examples = ['<%= config.bin %> system df'];

  async run(): Promise<DiskUsage> {
    await this.parse(Df);
    const usage = await (await this.engine()).diskUsage();
    const row = (name: string, { total, active, bytes, reclaimableBytes }: DiskUsage['images']) => [
      name,
      String(total),
      String(active),
      printBytes(bytes),
      printBytes(reclaimableBytes),
    ];
    const { images, containers, volumes, logs } = usage;
    const rows = [row('Images', images), row('Containers', containers), row('Volumes', volumes), row('Logs', logs)];
    this.print(tableLines(['TYPE', 'TOTAL', 'ACTIVE', 'SIZE', 'RECLAIMABLE'], rows));
    return usage;
  }
}
