/** `berth images`: which images the containers of the stack were made of. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { printBytes } from '../base/bytes.ts';
import type { ContainerSummary } from '../engine/answers.ts';
import { formatRows } from '../ui/format-rows.ts';
import { tableLines } from '../ui/print-table.ts';
import { BerthCommand } from './berth-command.ts';
import { NOTHING_TO_CHANGE, STACK_FLAGS, stackNameFromFlags } from './stack-flags.ts';

type ImageRow = {
  readonly ID: string;
  readonly ContainerName: string;
  readonly Repository: string;
  readonly Tag: string;
  readonly Size: number;
};

export default class Images extends BerthCommand {
  static override summary = 'list the images that the containers of the stack were made of';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { service: Args.string({ description: 'only these services' }) };
  static override flags = {
    ...STACK_FLAGS,
    ...NOTHING_TO_CHANGE,
    quiet: Flags.boolean({ char: 'q', summary: 'ids only' }),
    format: Flags.string({ summary: 'table, json (one object a line) or a template like {{.Repository}}:{{.Tag}}' }),
  };
  static override examples = ['<%= config.bin %> images', '<%= config.bin %> images -q'];

  async run(): Promise<ImageRow[]> {
    const { flags, argv } = await this.parse(Images);
    const stack = await stackNameFromFlags(flags);
    const engine = await this.engine();
    const containers = await engine.containers({ stack, services: argv as string[], all: true });
    const images = await engine.images();
    const rows = containers.map((row) => {
      const image = images.find((one) => one.id === row.ImageID || one.names.includes(row.Image));
      return imageRow(row, image?.sizeBytes ?? 0);
    });
    if (flags.quiet) this.print([...new Set(rows.map((row) => row.ID))]);
    else this.print(formatRows(rows, { format: flags.format, table: () => tableOf(rows) }));
    return rows;
  }
}

/** A colon behind the last slash divides name and tag. */
function imageRow(row: ContainerSummary, Size: number): ImageRow {
  const [, Repository = row.Image, Tag = row.Image === 'host' ? '' : 'latest'] =
    /^(.*?)(?::([^:/@]+))?$/.exec(row.Image) ?? [];
  return { ID: row.ImageID, ContainerName: row.Name, Repository, Tag, Size };
}

function tableOf(rows: readonly ImageRow[]): string[] {
  return tableLines(
    ['CONTAINER', 'REPOSITORY', 'TAG', 'IMAGE ID', 'SIZE'],
    rows.map((row) => [
      row.ContainerName,
      row.Repository,
      row.Tag,
      row.ID.replace('sha256:', '').slice(0, 12),
      printBytes(row.Size),
    ]),
  );
}
