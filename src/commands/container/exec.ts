/** `berth container exec`: a further program in a running container. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../../base/errors.ts';
import { attachTerminal, terminalSize } from '../../ui/attach-terminal.ts';
import { parseDetachKeys } from '../../ui/detach-keys.ts';
import { DETACH_KEYS_FLAG } from '../attach-flags.ts';
import { BerthCommand } from '../berth-command.ts';
import { readVariables } from '../variable-files.ts';
import { CONTAINER_ARG } from './container-command.ts';

const several = { multiple: true, multipleNonGreedy: true } as const;

export default class ContainerExec extends BerthCommand {
  static override summary = 'run a command in a running container';
  static override strict = false;
  static override endsFlagsAtCommand = true;
  static override args = { ...CONTAINER_ARG, command: Args.string({ description: 'command and its arguments' }) };
  static override flags = {
    ...DETACH_KEYS_FLAG,
    detach: Flags.boolean({ char: 'd', summary: 'return when it has been started' }),
    env: Flags.string({ char: 'e', ...several, summary: 'KEY=VALUE to set, or KEY to take over from here' }),
    'env-file': Flags.string({ ...several, summary: 'file of variables to set' }),
    interactive: Flags.boolean({ char: 'i', summary: 'hand input on to it' }),
    tty: Flags.boolean({ char: 't', summary: 'with a terminal' }),
    privileged: Flags.boolean({ summary: 'with all capabilities' }),
    user: Flags.string({ char: 'u', summary: 'user (and group) to run as' }),
    workdir: Flags.string({ char: 'w', summary: 'folder to run in' }),
  };
  static override examples = [
    '<%= config.bin %> container exec -it web sh',
    '<%= config.bin %> container exec db pg_dump shop > shop.sql',
  ];

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(ContainerExec);
    const [container, ...command] = argv as string[];
    if (command.length === 0) {
      throw new BerthError('USAGE', 'exec needs a command', { hint: `\`berth container exec -it ${container} sh\`` });
    }
    if (flags.tty && flags.interactive && process.stdin.isTTY !== true) {
      throw new BerthError('USAGE', 'the input is no terminal', { hint: 'leave -t out' });
    }
    const engine = await this.engine();
    const session = await engine.exec({
      container,
      stack: '',
      service: '',
      index: 1,
      command,
      env: readVariables(flags['env-file'] ?? [], flags.env ?? []),
      user: flags.user,
      workingDir: flags.workdir,
      privileged: flags.privileged,
      terminal: flags.tty && !flags.detach ? terminalSize() : null,
      stdin: flags.interactive && !flags.detach,
      detach: flags.detach,
    });
    process.exitCode = await attachTerminal(session, {
      terminal: flags.tty && process.stdin.isTTY === true,
      stdin: flags.interactive && !flags.detach,
      detachKeys: parseDetachKeys(flags['detach-keys']),
    });
  }
}
