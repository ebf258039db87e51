/** `berth container ls`: containers of this machine, of stacks and by themselves. */
import * as Flags from '@oclif/core/flags';
import type { ContainerSummary } from '../../engine/answers.ts';
import { CONTAINER_HEADINGS, containerRow, containerTable } from '../../ui/container-rows.ts';
import { formatRows } from '../../ui/format-rows.ts';
import { BerthCommand } from '../berth-command.ts';
import { filterFlag, parseFilters } from '../list-filters.ts';
import { CONTAINER_FILTERS, filterContainers } from './container-filters.ts';

export default class ContainerLs extends BerthCommand {
  static override summary = 'list containers';
  static override enableJsonFlag = true;
  static override flags = {
    all: Flags.boolean({ char: 'a', summary: 'those that do not run too' }),
    quiet: Flags.boolean({ char: 'q', summary: 'ids only' }),
    filter: filterFlag(CONTAINER_FILTERS, 'f'),
    format: Flags.string({ summary: 'table, json (one object a line) or a template like {{.Names}}' }),
    last: Flags.integer({ char: 'n', default: -1, summary: 'the N made last, whether they run or not' }),
    latest: Flags.boolean({ char: 'l', summary: 'the one made last, whether it runs or not' }),
    size: Flags.boolean({ char: 's', summary: 'with the bytes that each wrote' }),
    'no-trunc': Flags.boolean({ summary: 'show everything in its whole length' }),
  };
  static override examples = [
    '<%= config.bin %> container ls -a',
    "<%= config.bin %> container ls --filter status=exited --format '{{.Names}}'",
  ];

  async run(): Promise<ContainerSummary[]> {
    const { flags } = await this.parse(ContainerLs);
    const filters = parseFilters(flags.filter ?? [], CONTAINER_FILTERS);
    const engine = await this.engine();
    const everything = (await engine.containers({ all: true })).sort((a, b) => b.Created - a.Created);
    const last = flags.latest ? 1 : flags.last;
    const ofAnyState = flags.all || last >= 0 || filters.has('status') || filters.has('exited');
    const shown = ofAnyState ? everything : everything.filter((row) => row.Pid !== 0 || row.State === 'restarting');
    const filtered = filterContainers(shown, filters, everything);
    const found = last >= 0 ? filtered.slice(0, last) : filtered;
    const noTrunc = flags['no-trunc'];
    const sizes = flags.size && found.length > 0 ? await engine.containerSizes(found.map((row) => row.ID)) : undefined;
    const rows = found.map((row) => containerRow(row, { noTrunc, bytes: sizes?.[row.ID] }));
    const format = flags.quiet ? undefined : flags.format;
    const table = () => (flags.quiet ? rows.map((row) => row.ID) : containerTable(rows, sizes !== undefined));
    this.print(formatRows(rows, { format, table, headings: CONTAINER_HEADINGS }));
    return found;
  }
}
