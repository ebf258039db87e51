/** `berth container logs`: what a container wrote. */
import * as Flags from '@oclif/core/flags';
import { parseMoment } from '../../base/moment.ts';
import { listenForInterrupt } from '../../ui/interrupt.ts';
import { printLogs } from '../../ui/log-printer.ts';
import { BerthCommand } from '../berth-command.ts';
import { parseCount } from '../parse-count.ts';
import { CONTAINER_ARG } from './container-command.ts';

export default class ContainerLogs extends BerthCommand {
  static override summary = 'show what a container wrote';
  static override args = CONTAINER_ARG;
  static override flags = {
    follow: Flags.boolean({ char: 'f', summary: 'go on with what comes' }),
    tail: Flags.string({ char: 'n', default: 'all', summary: 'only the last N lines' }),
    timestamps: Flags.boolean({ char: 't', summary: 'show the time of each line' }),
    since: Flags.string({ summary: 'from this time on: 2024-05-01T10:00:00Z, or 10m for ten minutes ago' }),
    until: Flags.string({ summary: 'up to this time' }),
  };
  static override examples = ['<%= config.bin %> container logs -f web', '<%= config.bin %> container logs -n 100 web'];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ContainerLogs);
    const engine = await this.engine();
    const [row] = await engine.containers({ all: true, names: [args.container] });
    const interrupt = listenForInterrupt();
    const request = {
      stack: row!.Project,
      services: [],
      containers: [row!.ID],
      follow: flags.follow,
      tail: parseCount('--tail', flags.tail),
      sinceMs: parseMoment(flags.since),
      untilMs: parseMoment(flags.until),
    };
    const format = { timestamps: flags.timestamps, prefix: false, color: false };
    try {
      await printLogs(engine.logs(request, interrupt.signal), format);
    } finally {
      interrupt.close();
    }
    if (interrupt.signal.aborted) process.exitCode = 130;
  }
}
