/** `berth container top`: the processes of a container. */

import { BerthError } from '../../base/errors.ts';
import type { ContainerProcesses } from '../../engine/answers.ts';
import { processTable } from '../../ui/print-processes.ts';
import { BerthCommand } from '../berth-command.ts';
import { CONTAINER_ARG } from './container-command.ts';

export default class ContainerTop extends BerthCommand {
  static override summary = 'show the processes that run in a container';
  static override enableJsonFlag = true;
  static override args = CONTAINER_ARG;
  static override examples = ['<%= config.bin %> container top web'];

  async run(): Promise<ContainerProcesses> {
    const { args } = await this.parse(ContainerTop);
    const engine = await this.engine();
    const [found] = await engine.processes({ kind: 'names', names: [args.container] });
    if (!found) throw new BerthError('CONTAINER_NOT_RUNNING', `container ${args.container} does not run`);
    this.print(processTable(found.processes));
    return found;
  }
}
