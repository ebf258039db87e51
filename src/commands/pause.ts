/** `berth pause`: everything of a service stands still, in memory and as it is. */
import type { StackActionResult } from '../engine/engine.ts';
import { PauseCommand } from './pause-command.ts';

export default class Pause extends PauseCommand {
  static override summary = 'make the programs of services stand still';
  static override examples = ['<%= config.bin %> pause', '<%= config.bin %> pause db'];

  async run(): Promise<StackActionResult> {
    return await this.change('pause');
  }
}
