/** `berth exec`: a further program in a running container. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../base/errors.ts';
import { attachTerminal, terminalSize } from '../ui/attach-terminal.ts';
import { BerthCommand } from './berth-command.ts';
import { DRY_RUN_FLAG, STACK_FLAGS, stackNameFromFlags } from './stack-flags.ts';

export default class Exec extends BerthCommand {
  static override summary = 'run a command in a running container of a service';
  static override strict = false;
  static override endsFlagsAtCommand = true;
  static override args = {
    service: Args.string({ required: true, description: 'service' }),
    command: Args.string({ description: 'command and its arguments' }),
  };
  static override flags = {
    ...STACK_FLAGS,
    ...DRY_RUN_FLAG,
    detach: Flags.boolean({ char: 'd', summary: 'return when it has been started' }),
    env: Flags.string({ char: 'e', multiple: true, multipleNonGreedy: true, summary: 'KEY=VALUE to set' }),
    user: Flags.string({ char: 'u', summary: 'user (and group) to run as' }),
    workdir: Flags.string({ char: 'w', summary: 'folder to run in' }),
    index: Flags.integer({ default: 1, summary: 'number of the replica' }),
    privileged: Flags.boolean({ summary: 'with all capabilities' }),
    'no-tty': Flags.boolean({ char: 'T', summary: 'without a terminal' }),
    interactive: Flags.boolean({ char: 'i', default: true, allowNo: true, summary: 'hand input on to it' }),
    tty: Flags.boolean({
      char: 't',
      hidden: true,
      summary: 'with a terminal, which is the default where there is one',
    }),
  };
  static override examples = ['<%= config.bin %> exec web sh', '<%= config.bin %> exec -T db pg_dump shop > shop.sql'];

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Exec);
    const [service, ...command] = argv as string[];
    if (command.length === 0)
      throw new BerthError('USAGE', 'exec needs a command', { hint: `\`berth exec ${service} sh\`` });
    const stack = await stackNameFromFlags(flags);
    const engine = await this.engine();
    if (flags['dry-run']) return this.print([`${command.join(' ')} would run in ${service} ${flags.index}`]);
    const stdin = flags.interactive && !flags.detach;
    const terminal = !flags['no-tty'] && !flags.detach && process.stdin.isTTY === true && process.stdout.isTTY === true;
    const session = await engine.exec({
      stack,
      service: service!,
      index: flags.index,
      command,
      env: flags.env ?? [],
      user: flags.user,
      workingDir: flags.workdir,
      privileged: flags.privileged,
      terminal: terminal ? terminalSize() : null,
      stdin,
      detach: flags.detach,
    });
    process.exitCode = await attachTerminal(session, { terminal, stdin });
  }
}
