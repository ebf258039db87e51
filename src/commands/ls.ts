/** `berth ls`: all stacks of this engine. */
import * as Flags from '@oclif/core/flags';
import type { StackSummary } from '../engine/engine.ts';
import { shortPath } from '../ui/print-error.ts';
import { tableLines } from '../ui/print-table.ts';
import { BerthCommand } from './berth-command.ts';

export default class Ls extends BerthCommand {
  static override summary = 'list the stacks';
  static override enableJsonFlag = true;
  static override flags = {
    all: Flags.boolean({ char: 'a', summary: 'those of which nothing runs too' }),
    quiet: Flags.boolean({ char: 'q', summary: 'names only' }),
  };
  static override examples = ['<%= config.bin %> ls', '<%= config.bin %> ls -a --json'];

  async run(): Promise<StackSummary[]> {
    const { flags } = await this.parse(Ls);
    const engine = await this.engine();
    const rows = (await engine.stacks()).filter((row) => flags.all || /running|restarting|paused/.test(row.Status));
    if (flags.quiet) this.print(rows.map((row) => row.Name));
    else {
      const cells = rows.map((row) => [row.Name, row.Status, row.ConfigFiles.split(',').map(shortPath).join(',')]);
      this.print(tableLines(['NAME', 'STATUS', 'STACK FILES'], cells));
    }
    return rows;
  }
}
