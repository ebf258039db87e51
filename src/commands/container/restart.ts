/** `berth container restart`: stops and starts the same containers. */
import * as Flags from '@oclif/core/flags';
import { DRY_RUN_FLAG, secondsToMs } from '../stack-flags.ts';
import { CONTAINER_ARG, ContainerCommand, requestFor } from './container-command.ts';

export default class ContainerRestart extends ContainerCommand {
  static override summary = 'stop containers and start them again';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = CONTAINER_ARG;
  static override flags = {
    ...DRY_RUN_FLAG,
    timeout: Flags.integer({ char: 't', aliases: ['time'], summary: 'seconds between the stop signal and the kill' }),
    signal: Flags.string({ char: 's', summary: "signal to send, instead of the container's own" }),
  };
  static override examples = [
    '<%= config.bin %> container restart web',
    '<%= config.bin %> container restart -t 1 web',
  ];

  async run(): Promise<string[]> {
    const { flags, argv } = await this.parse(ContainerRestart);
    const engine = await this.engine();
    const dryRun = flags['dry-run'];
    return await this.each(engine, argv as string[], (row) =>
      engine.restart({
        ...requestFor(row),
        graceMs: secondsToMs(flags.timeout),
        signal: flags.signal,
        noDeps: true,
        dryRun,
      }),
    );
  }
}
