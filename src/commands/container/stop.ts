/** `berth container stop`: ends programs, keeps the containers. */
import * as Flags from '@oclif/core/flags';
import { DRY_RUN_FLAG, secondsToMs } from '../stack-flags.ts';
import { CONTAINER_ARG, ContainerCommand, requestFor } from './container-command.ts';

export default class ContainerStop extends ContainerCommand {
  static override summary = 'stop containers';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = CONTAINER_ARG;
  static override flags = {
    ...DRY_RUN_FLAG,
    timeout: Flags.integer({ char: 't', aliases: ['time'], summary: 'seconds between the stop signal and the kill' }),
    signal: Flags.string({ char: 's', summary: "signal to send, instead of the container's own" }),
  };
  static override examples = ['<%= config.bin %> container stop web', '<%= config.bin %> container stop -t 1 web db'];

  async run(): Promise<string[]> {
    const { flags, argv } = await this.parse(ContainerStop);
    const engine = await this.engine();
    const dryRun = flags['dry-run'];
    return await this.each(engine, argv as string[], (row) =>
      engine.stopServices({ ...requestFor(row), graceMs: secondsToMs(flags.timeout), signal: flags.signal, dryRun }),
    );
  }
}
