/** `berth engine stop`: ends the engine's process; containers go on. */
import { existsSync } from 'node:fs';
import { BerthError } from '../../base/errors.ts';
import { BerthCommand } from '../berth-command.ts';

const WAIT_MS = 10_000;

export default class Stop extends BerthCommand {
  static override summary = 'end the engine; containers and their logs go on';
  static override enableJsonFlag = true;
  static override examples = ['<%= config.bin %> engine stop'];

  async run(): Promise<{ readonly Pid: number }> {
    await this.parse(Stop);
    const engine = await this.runningEngine();
    if (!engine) {
      this.print(['the engine does not run']);
      return { Pid: 0 };
    }
    const { Pid } = await engine.status();
    await engine.stop();
    await untilGone(Pid);
    this.print([`engine ${Pid} has ended`]);
    return { Pid };
  }
}

async function untilGone(pid: number): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  while (existsSync(`/proc/${pid}`)) {
    if (Date.now() > deadline) throw new BerthError('ENGINE_UNREACHABLE', `the engine (pid ${pid}) does not end`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
