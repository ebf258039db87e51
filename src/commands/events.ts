/** `berth events`: what happened, and what happens. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { parseMoment } from '../base/moment.ts';
import { listenForInterrupt } from '../ui/interrupt.ts';
import { printLine } from '../ui/output.ts';
import { eventJson, eventLine } from '../ui/print-events.ts';
import { answerWidth, wrapLine } from '../ui/wrap-line.ts';
import { BerthCommand } from './berth-command.ts';
import { FILE_LONG_FLAG, STACK_FLAGS, stackNameFromFlags } from './stack-flags.ts';

export default class Events extends BerthCommand {
  static override summary = "what happened in the stack and why: kept on disk, over the engine's restarts";
  static override description =
    'As `docker compose events` it shows what happens from now on; with --since what is kept since then, and it ends there unless -f is given.';
  static override strict = false;
  static override args = { service: Args.string({ description: 'only these services' }) };
  static override flags = {
    ...STACK_FLAGS,
    file: FILE_LONG_FLAG,
    json: Flags.boolean({ summary: 'one JSON object a line' }),
    since: Flags.string({ summary: 'from this time on: a date, or 10m for ten minutes ago' }),
    until: Flags.string({ summary: 'up to this time' }),
    follow: Flags.boolean({ char: 'f', summary: 'go on with what happens from now on' }),
    all: Flags.boolean({ char: 'a', summary: 'of all stacks, and of the engine' }),
  };
  static override examples = ['<%= config.bin %> events --since 10m', '<%= config.bin %> events --json web'];

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Events);
    const stack = flags.all ? undefined : await stackNameFromFlags(flags);
    const engine = await this.engine();
    const interrupt = listenForInterrupt();
    const sinceMs = parseMoment(flags.since);
    const untilMs = parseMoment(flags.until);
    /* Without a beginning it is the present that is asked for. */
    const follow = flags.follow || (sinceMs === undefined && untilMs === undefined) || (untilMs ?? 0) > Date.now();
    const request = { stack, services: argv as string[], sinceMs, untilMs, follow };
    try {
      for await (const event of engine.events(request, interrupt.signal)) {
        const lines = flags.json ? [JSON.stringify(eventJson(event))] : wrapLine(eventLine(event), answerWidth());
        for (const line of lines) printLine(line);
      }
    } finally {
      interrupt.close();
    }
  }
}
