/** `berth image history`: the steps that made an image, newest first. */
import { basename } from 'node:path';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { printBytes } from '../../base/bytes.ts';
import type { HistoryEntry } from '../../image/image.ts';
import { formatRows } from '../../ui/format-rows.ts';
import { tableLines } from '../../ui/print-table.ts';
import { BerthCommand } from '../berth-command.ts';

const WORDS = 45;

export default class History extends BerthCommand {
  static override summary = 'show how an image was made';
  static override enableJsonFlag = true;
  static override args = { image: Args.string({ required: true, description: 'name or id of the image' }) };
  static override flags = {
    quiet: Flags.boolean({ char: 'q', summary: 'digests of layers only' }),
    'no-trunc': Flags.boolean({ summary: 'whole steps' }),
    format: Flags.string({ summary: 'table, json (one object a line) or a template like {{.CreatedBy}}' }),
  };
  static override examples = ['<%= config.bin %> image history redis:7'];

  async run(): Promise<HistoryEntry[]> {
    const { args, flags } = await this.parse(History);
    const steps = await (await this.engine()).imageHistory(args.image);
    const cut = (text: string) => (flags['no-trunc'] || text.length <= WORDS ? text : `${text.slice(0, WORDS - 1)}…`);
    const rows = steps.map((step) => ({
      ID: step.layer ?? '<missing>',
      CreatedAt: step.createdAt,
      CreatedBy: cut(step.createdBy),
      Size: printBytes(step.sizeBytes),
      Comment: step.comment,
      Origin: originOf(step),
    }));
    const table = () =>
      tableLines(
        ['LAYER', 'CREATED', 'CREATED BY', 'SIZE', 'COMMENT', 'ORIGIN'],
        rows.map((row) => [
          row.ID.replace('sha256:', '').slice(0, 12),
          row.CreatedAt.slice(0, 19),
          row.CreatedBy,
          row.Size,
          row.Comment,
          row.Origin,
        ]),
      );
    this.print(flags.quiet ? rows.map((row) => row.ID) : formatRows(rows, { format: flags.format, table }));
    return steps;
  }
}

/** `Dockerfile:3, cached`: of steps that were built here. */
function originOf({ origin }: HistoryEntry): string {
  if (!origin) return '';
  return `${basename(origin.dockerfile)}:${origin.line}${origin.cached ? ', cached' : ''}`;
}
