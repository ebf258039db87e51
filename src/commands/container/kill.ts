/** `berth container kill`: a signal, without grace. */
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../../base/errors.ts';
import type { ContainerSummary } from '../../engine/answers.ts';
import type { Engine } from '../../engine/engine.ts';
import { DRY_RUN_FLAG } from '../stack-flags.ts';
import { CONTAINER_ARG, ContainerCommand, requestFor } from './container-command.ts';

export default class ContainerKill extends ContainerCommand {
  static override summary = 'send a signal to the programs of containers';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = CONTAINER_ARG;
  static override flags = {
    ...DRY_RUN_FLAG,
    signal: Flags.string({ char: 's', default: 'SIGKILL', summary: 'signal to send' }),
  };
  static override examples = ['<%= config.bin %> container kill web', '<%= config.bin %> container kill -s HUP web'];

  async run(): Promise<string[]> {
    const { flags, argv } = await this.parse(ContainerKill);
    const engine = await this.engine();
    const dryRun = flags['dry-run'];
    return await this.each(engine, argv as string[], (row) => this.kill(engine, row, { signal: flags.signal, dryRun }));
  }

  private async kill(engine: Engine, row: ContainerSummary, how: { signal: string; dryRun: boolean }): Promise<void> {
    if (row.Pid === 0) {
      throw new BerthError('CONTAINER_NOT_RUNNING', `container ${row.Name} does not run: it is ${row.State}`);
    }
    await engine.kill({ ...requestFor(row), ...how });
  }
}
