/** `berth run`: a one-off container of a service. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { attachTerminal, terminalSize } from '../ui/attach-terminal.ts';
import { printLine } from '../ui/output.ts';
import { BerthCommand } from './berth-command.ts';
import { loadFromFlags, STACK_FLAGS } from './stack-flags.ts';

export default class Run extends BerthCommand {
  static override summary = 'run a one-off command in a new container of a service';
  static override strict = false;
  static override endsFlagsAtCommand = true;
  static override args = {
    service: Args.string({ required: true, description: 'service' }),
    command: Args.string({ description: "command and its arguments, instead of the service's own" }),
  };
  static override flags = {
    ...STACK_FLAGS,
    detach: Flags.boolean({ char: 'd', summary: 'return when it has been started, and print its name' }),
    entrypoint: Flags.string({ summary: "instead of the service's entrypoint" }),
    env: Flags.string({ char: 'e', multiple: true, multipleNonGreedy: true, summary: 'KEY=VALUE to set' }),
    label: Flags.string({ char: 'l', multiple: true, multipleNonGreedy: true, summary: 'KEY=VALUE to label it with' }),
    name: Flags.string({ summary: 'name of the container' }),
    'no-deps': Flags.boolean({ summary: 'leave alone what the service depends on' }),
    rm: Flags.boolean({ summary: 'remove the container when it ends' }),
    'service-ports': Flags.boolean({ char: 'P', summary: "publish the service's ports" }),
    'use-aliases': Flags.boolean({ summary: "answer to the service's names" }),
    user: Flags.string({ char: 'u', summary: 'user (and group) to run as' }),
    workdir: Flags.string({ char: 'w', summary: 'folder to run in' }),
    'no-tty': Flags.boolean({ char: 'T', summary: 'without a terminal' }),
  };
  static override examples = ['<%= config.bin %> run --rm web npm test', '<%= config.bin %> run --rm --no-deps api sh'];

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Run);
    const [service, ...command] = argv as string[];
    const { stack, positions } = await loadFromFlags(flags, [service!]);
    const engine = await this.engine();
    const terminal = !flags['no-tty'] && !flags.detach && process.stdin.isTTY === true && process.stdout.isTTY === true;
    const session = await engine.run({
      stack,
      positions,
      service: service!,
      command: command.length > 0 ? command : null,
      entrypoint: flags.entrypoint === undefined ? null : flags.entrypoint === '' ? [] : [flags.entrypoint],
      env: flags.env ?? [],
      user: flags.user,
      workingDir: flags.workdir,
      name: flags.name,
      labels: labelsOf(flags.label ?? []),
      noDeps: flags['no-deps'],
      remove: flags.rm,
      servicePorts: flags['service-ports'],
      useAliases: flags['use-aliases'],
      terminal: terminal ? terminalSize() : null,
      stdin: !flags.detach,
      detach: flags.detach,
    });
    if (flags.detach) printLine(session.name);
    process.exitCode = await attachTerminal(session, { terminal, stdin: !flags.detach });
  }
}

function labelsOf(values: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    values.map((text) => [text.split('=', 1)[0]!, text.includes('=') ? text.slice(text.indexOf('=') + 1) : '']),
  );
}
