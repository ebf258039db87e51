/** `berth container run`: a container without a stack file, started. */
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../../base/errors.ts';
import type { ContainerSummary } from '../../engine/answers.ts';
import type { Engine } from '../../engine/engine.ts';
import { attachTerminal, terminalSize } from '../../ui/attach-terminal.ts';
import { parseDetachKeys } from '../../ui/detach-keys.ts';
import { printLine } from '../../ui/output.ts';
import { DETACH_KEYS_FLAG } from '../attach-flags.ts';
import { BerthCommand } from '../berth-command.ts';
import { DRY_RUN_FLAG } from '../stack-flags.ts';
import { requestFor } from './container-command.ts';
import { MAKE_FLAGS } from './container-flags.ts';
import { IMAGE_ARGS } from './create.ts';
import { makeContainer, planContainer } from './make-container.ts';

const STREAMS = ['stdin', 'stdout', 'stderr'] as const;

export default class ContainerRun extends BerthCommand {
  static override summary = 'run a command in a new container of an image';
  static override strict = false;
  static override endsFlagsAtCommand = true;
  static override args = IMAGE_ARGS;
  static override flags = {
    ...MAKE_FLAGS,
    ...DETACH_KEYS_FLAG,
    ...DRY_RUN_FLAG,
    detach: Flags.boolean({ char: 'd', summary: 'return when it has been started, and print its id' }),
    attach: Flags.string({
      char: 'a',
      multiple: true,
      multipleNonGreedy: true,
      options: STREAMS,
      summary: 'attach only to this: stdin, stdout, stderr',
    }),
    'sig-proxy': Flags.boolean({ default: true, allowNo: true, summary: 'hand signals on to the program' }),
    quiet: Flags.boolean({ char: 'q', summary: 'say nothing of a pull' }),
  };
  static override examples = [
    '<%= config.bin %> container run --rm -it host bash',
    '<%= config.bin %> container run -d --name web -p 8080:80 host python3 -m http.server 80',
  ];

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(ContainerRun);
    const [image, ...command] = argv as string[];
    if (flags.rm && flags.restart && flags.restart !== 'no') {
      throw new BerthError('USAGE', '--rm and --restart can not stand together');
    }
    if (flags.tty && flags.interactive && !flags.detach && process.stdin.isTTY !== true) {
      throw new BerthError('USAGE', 'the input is no terminal', { hint: 'leave -t out' });
    }
    const detachKeys = parseDetachKeys(flags['detach-keys']);
    const engine = await this.engine();
    const making = { flags, image: image!, command };
    if (flags['dry-run']) return this.print(await planContainer(engine, making));
    const made = await makeContainer(engine, making);
    if (flags.detach) return await startDetached(engine, made, flags.rm);
    const streams = flags.attach ?? STREAMS;
    const session = await orGone(engine, { made, remove: flags.rm }, () =>
      engine.startAttached({ container: made.ID, terminal: flags.tty ? terminalSize() : null }),
    );
    process.exitCode = await attachTerminal(session, {
      terminal: flags.tty && process.stdin.isTTY === true && process.stdout.isTTY === true,
      stdin: flags.interactive && streams.includes('stdin'),
      outputs: streams,
      signals: flags['sig-proxy'],
      detachKeys,
    });
  }
}

async function startDetached(engine: Engine, made: ContainerSummary, remove: boolean): Promise<void> {
  await orGone(engine, { made, remove }, () => engine.start(requestFor(made)));
  printLine(made.ID);
}

/** One that could not be started stays to be looked at, unless it was to be removed at its end. */
async function orGone<T>(
  engine: Engine,
  { made, remove }: { readonly made: ContainerSummary; readonly remove: boolean },
  start: () => Promise<T>,
): Promise<T> {
  try {
    return await start();
  } catch (error) {
    if (remove) await engine.remove({ ...requestFor(made), stop: true, volumes: true }).catch(() => {});
    throw error;
  }
}
