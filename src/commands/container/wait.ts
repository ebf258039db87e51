/** `berth container wait`: until containers have ended. */
import type { EndedContainer } from '../../engine/answers.ts';
import { listenForInterrupt } from '../../ui/interrupt.ts';
import { BerthCommand } from '../berth-command.ts';
import { CONTAINER_ARG } from './container-command.ts';

export default class ContainerWait extends BerthCommand {
  static override summary = 'wait until containers have ended, and print their exit codes';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = CONTAINER_ARG;
  static override examples = [
    '<%= config.bin %> container wait job',
    'test "$(<%= config.bin %> container wait job)" = 0',
  ];

  async run(): Promise<EndedContainer[]> {
    const { argv } = await this.parse(ContainerWait);
    const engine = await this.engine();
    const rows = await engine.containers({ all: true, names: argv as string[] });
    const interrupt = listenForInterrupt();
    try {
      const containers = rows.map((row) => row.ID);
      const ended = await engine.waitExit({ containers, until: 'all' }, interrupt.signal);
      this.print(ended.map((one) => String(one.code)));
      return ended;
    } finally {
      interrupt.close();
    }
  }
}
