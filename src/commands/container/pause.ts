/** `berth container pause`: everything in them stands still. */
import { BerthError } from '../../base/errors.ts';
import type { ContainerSummary } from '../../engine/answers.ts';
import type { Engine } from '../../engine/engine.ts';
import { DRY_RUN_FLAG } from '../stack-flags.ts';
import { CONTAINER_ARG, ContainerCommand, requestFor } from './container-command.ts';

export default class ContainerPause extends ContainerCommand {
  static override summary = 'make the programs of containers stand still';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = CONTAINER_ARG;
  static override flags = DRY_RUN_FLAG;
  static override examples = ['<%= config.bin %> container pause web', '<%= config.bin %> container pause web db'];

  async run(): Promise<string[]> {
    const { flags, argv } = await this.parse(ContainerPause);
    const engine = await this.engine();
    const dryRun = flags['dry-run'];
    return await this.each(engine, argv as string[], (row) => this.pause(engine, row, dryRun));
  }

  /** Of a stack's services those in another state are passed over; one that was named is told. */
  private async pause(engine: Engine, row: ContainerSummary, dryRun: boolean): Promise<void> {
    if (row.State !== 'running') {
      throw new BerthError('CONTAINER_NOT_RUNNING', `container ${row.Name} is not running: it is ${row.State}`);
    }
    await engine.pause({ ...requestFor(row), dryRun });
  }
}
