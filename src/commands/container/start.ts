/** `berth container start`: starts containers that exist, in the background or with their output. */
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../../base/errors.ts';
import { attachTerminal, terminalSize } from '../../ui/attach-terminal.ts';
import { parseDetachKeys } from '../../ui/detach-keys.ts';
import { DETACH_KEYS_FLAG } from '../attach-flags.ts';
import { DRY_RUN_FLAG } from '../stack-flags.ts';
import { CONTAINER_ARG, ContainerCommand, requestFor } from './container-command.ts';

export default class ContainerStart extends ContainerCommand {
  static override summary = 'start containers that were stopped';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = CONTAINER_ARG;
  static override flags = {
    ...DRY_RUN_FLAG,
    ...DETACH_KEYS_FLAG,
    attach: Flags.boolean({ char: 'a', summary: 'show its output, and end with its exit code' }),
    interactive: Flags.boolean({ char: 'i', summary: 'hand input on to it; implies --attach' }),
  };
  static override examples = ['<%= config.bin %> container start web', '<%= config.bin %> container start -ai shell'];

  async run(): Promise<string[]> {
    const { flags, argv } = await this.parse(ContainerStart);
    const names = argv as string[];
    const engine = await this.engine();
    const dryRun = flags['dry-run'];
    if (!(flags.attach || flags.interactive) || dryRun) {
      return await this.each(engine, names, (row) => engine.start({ ...requestFor(row), dryRun }));
    }
    if (names.length > 1) throw new BerthError('USAGE', 'only one container can be started with its output');
    const detachKeys = parseDetachKeys(flags['detach-keys']);
    const here = process.stdin.isTTY === true && process.stdout.isTTY === true;
    const session = await engine.startAttached({ container: names[0]!, terminal: here ? terminalSize() : null });
    const stdin = flags.interactive && session.stdin;
    process.exitCode = await attachTerminal(session, { terminal: here && session.terminal, stdin, detachKeys });
    return names;
  }
}
