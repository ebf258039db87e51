/** `berth container attach`: the terminal or pipes of a container that runs. */
import { attachTo } from '../../ui/attach-to.ts';
import { ATTACH_FLAGS } from '../attach-flags.ts';
import { BerthCommand } from '../berth-command.ts';
import { CONTAINER_ARG } from './container-command.ts';

export default class ContainerAttach extends BerthCommand {
  static override summary = 'attach to the program of a container';
  static override args = CONTAINER_ARG;
  static override flags = ATTACH_FLAGS;
  static override examples = [
    '<%= config.bin %> container attach shell',
    '<%= config.bin %> container attach --no-stdin web',
  ];

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ContainerAttach);
    const engine = await this.engine();
    process.exitCode = await attachTo(
      engine,
      { kind: 'name', name: args.container },
      { stdin: !flags['no-stdin'], signals: flags['sig-proxy'], detachKeys: flags['detach-keys'] },
    );
  }
}
