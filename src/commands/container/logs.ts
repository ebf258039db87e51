/** `berth container logs`: what a container wrote. */
import { BerthCommand } from '../berth-command.ts';
import { LOG_FLAGS, showLogs } from '../log-flags.ts';
import { CONTAINER_ARG } from './container-command.ts';

export default class ContainerLogs extends BerthCommand {
  static override summary = 'show what a container wrote';
  static override args = CONTAINER_ARG;
  static override flags = LOG_FLAGS;
  static override examples = ['<%= config.bin %> container logs -f web', '<%= config.bin %> container logs -n 100 web'];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ContainerLogs);
    const engine = await this.engine();
    const [row] = await engine.containers({ all: true, names: [args.container] });
    const target = { stack: row!.Project, services: [], containers: [row!.ID] };
    await showLogs(() => this.engine(), target, { flags, prefix: false, color: true });
  }
}
