/** `berth system df`: what images, containers, volumes and logs take up. */
import * as Flags from '@oclif/core/flags';
import { printBytes } from '../../base/bytes.ts';
import type { DiskDetails, DiskUsage } from '../../engine/image-calls.ts';
import { tableLines } from '../../ui/print-table.ts';
import { BerthCommand } from '../berth-command.ts';

export default class Df extends BerthCommand {
  static override summary = 'show what is used of the disk, and what could be freed';
  static override enableJsonFlag = true;
  static override flags = { verbose: Flags.boolean({ char: 'v', summary: 'each image, container and volume' }) };
  static override examples = ['<%= config.bin %> system df', '<%= config.bin %> system df -v'];

  async run(): Promise<DiskUsage | DiskDetails> {
    const { flags } = await this.parse(Df);
    if (flags.verbose) {
      const details = await (await this.engine()).diskDetails();
      this.print(detailLines(details));
      return details;
    }
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

function detailLines({ images, containers, volumes }: DiskDetails): string[] {
  const imageRows = images.map((one) => [
    one.names.join(', '),
    one.id.replace('sha256:', '').slice(0, 12),
    printBytes(one.bytes),
    String(one.containers),
  ]);
  const containerRows = containers.map((one) => [
    one.name,
    one.image,
    one.isRunning ? 'running' : 'stopped',
    printBytes(one.bytes),
  ]);
  const volumeRows = volumes.map((one) => [one.name, String(one.users), printBytes(one.bytes)]);
  return [
    ...tableLines(['IMAGE', 'ID', 'SIZE', 'CONTAINERS'], imageRows),
    '',
    ...tableLines(['CONTAINER', 'IMAGE', 'STATE', 'SIZE'], containerRows),
    '',
    ...tableLines(['VOLUME', 'CONTAINERS', 'SIZE'], volumeRows),
  ];
}
