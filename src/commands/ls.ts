/** `berth ls`: all stacks of this engine. */
import * as Flags from '@oclif/core/flags';
import type { StackSummary } from '../engine/answers.ts';
import { formatRows } from '../ui/format-rows.ts';
import { shortPath } from '../ui/print-error.ts';
import { tableLines } from '../ui/print-table.ts';
import { BerthCommand } from './berth-command.ts';
import { filterFlag, parseFilters } from './list-filters.ts';
import { NOTHING_TO_CHANGE } from './stack-flags.ts';

const FILTERS = ['name'];

export default class Ls extends BerthCommand {
  static override summary = 'list the stacks';
  static override enableJsonFlag = true;
  static override flags = {
    ...NOTHING_TO_CHANGE,
    all: Flags.boolean({ char: 'a', summary: 'those of which nothing runs too' }),
    quiet: Flags.boolean({ char: 'q', summary: 'names only' }),
    filter: filterFlag(FILTERS),
    format: Flags.string({ summary: 'table, json (a list) or a template like {{.Name}}' }),
  };
  static override examples = [
    '<%= config.bin %> ls',
    '<%= config.bin %> ls -a --json',
    '<%= config.bin %> ls --filter name=shop',
  ];

  async run(): Promise<StackSummary[]> {
    const { flags } = await this.parse(Ls);
    const names = parseFilters(flags.filter ?? [], FILTERS).get('name');
    const engine = await this.engine();
    const rows = (await engine.stacks())
      .filter((row) => flags.all || /running|restarting|paused/.test(row.Status))
      .filter((row) => names === undefined || names.some((name) => row.Name.includes(name)));
    if (flags.quiet) this.print(rows.map((row) => row.Name));
    /* One list, as docker compose prints it; of containers it prints one object a line. */ else if (
      flags.format === 'json'
    )
      this.print([JSON.stringify(rows)]);
    else this.print(formatRows(rows, { format: flags.format, table: () => tableOf(rows) }));
    return rows;
  }
}

function tableOf(rows: readonly StackSummary[]): string[] {
  const cells = rows.map((row) => [row.Name, row.Status, row.ConfigFiles.split(',').map(shortPath).join(',')]);
  return tableLines(['NAME', 'STATUS', 'STACK FILES'], cells);
}
