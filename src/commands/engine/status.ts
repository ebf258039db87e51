/** `berth engine status`: the engine's process; does not start one. */
import type { EngineStatus } from '../../engine/answers.ts';
import { BerthCommand } from '../berth-command.ts';

export default class Status extends BerthCommand {
  static override summary = 'show whether the engine runs, and what it looks after';
  static override enableJsonFlag = true;
  static override examples = ['<%= config.bin %> engine status --json'];

  async run(): Promise<EngineStatus | { readonly Pid: 0 }> {
    await this.parse(Status);
    const engine = await this.runningEngine();
    if (!engine) {
      this.print(['the engine does not run: the next command that needs it starts it']);
      process.exitCode = 1;
      return { Pid: 0 };
    }
    const status = await engine.status();
    this.print(linesOf(status));
    return status;
  }
}

function linesOf(status: EngineStatus): string[] {
  return [
    `engine ${status.Version}, pid ${status.Pid}, since ${status.StartedAt}`,
    `${status.Stacks} stacks, ${status.ContainersRunning} of ${status.Containers} containers running`,
    `memory ${Math.round(status.MemoryBytes / 1024 / 1024)} MiB`,
    `data in ${status.DataRoot}, run files in ${status.RunRoot}`,
  ];
}
