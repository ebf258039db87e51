/** `berth system df`: what images, containers and volumes take up. */
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
    const rows = [row('Images', usage.images), row('Containers', usage.containers), row('Volumes', usage.volumes)];
    this.print(tableLines(['TYPE', 'TOTAL', 'ACTIVE', 'SIZE', 'RECLAIMABLE'], rows));
    return usage;
  }
}
