/** `berth ps`: the containers of the stack. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { ContainerSummary } from '../engine/answers.ts';
import { CONTAINER_HEADINGS, stackRow } from '../ui/container-rows.ts';
import { formatRows } from '../ui/format-rows.ts';
import { containerLines } from '../ui/print-containers.ts';
import { BerthCommand } from './berth-command.ts';
import { checkStates, filterFlag, parseFilters } from './list-filters.ts';
import { NOTHING_TO_CHANGE, STACK_FLAGS, stackNameFromFlags } from './stack-flags.ts';

const FILTERS = ['status', 'service'];

export default class Ps extends BerthCommand {
  static override summary = 'list the containers of the stack';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { service: Args.string({ description: 'only these services' }) };
  static override flags = {
    ...STACK_FLAGS,
    ...NOTHING_TO_CHANGE,
    all: Flags.boolean({ char: 'a', summary: 'those that have ended too' }),
    quiet: Flags.boolean({ char: 'q', summary: 'ids only' }),
    services: Flags.boolean({ summary: 'names of services only' }),
    filter: filterFlag(FILTERS),
    status: Flags.string({ multiple: true, multipleNonGreedy: true, summary: 'only containers in this state' }),
    orphans: Flags.boolean({
      default: true,
      allowNo: true,
      summary: 'containers of services that the stack no longer has too',
    }),
    format: Flags.string({ summary: 'table, json (one object a line) or a template like {{.Name}}' }),
    'no-trunc': Flags.boolean({ summary: 'show everything in its whole length' }),
  };
  static override examples = [
    '<%= config.bin %> ps',
    '<%= config.bin %> ps -a --json',
    "<%= config.bin %> ps --status running --format '{{.Name}} {{.Ports}}'",
  ];

  async run(): Promise<ContainerSummary[]> {
    const { flags, argv } = await this.parse(Ps);
    const filters = parseFilters(flags.filter ?? [], FILTERS);
    const states = checkStates([...(flags.status ?? []), ...(filters.get('status') ?? [])]);
    const stack = await stackNameFromFlags(flags);
    const engine = await this.engine();
    const services = [...(argv as string[]), ...(filters.get('service') ?? [])];
    const found = await engine.containers({
      stack,
      services,
      all: flags.all || states.length > 0,
      withoutOrphans: !flags.orphans,
    });
    const rows = states.length === 0 ? found : found.filter((row) => states.includes(row.State));
    const table = () =>
      containerLines(rows, { quiet: flags.quiet, servicesOnly: flags.services, noTrunc: flags['no-trunc'] });
    const format = flags.quiet || flags.services ? undefined : flags.format;
    this.print(formatRows(rows.map(stackRow), { format, table, headings: CONTAINER_HEADINGS }));
    return rows;
  }
}
