/** `berth unpause`: paused services go on where they stood. */
import type { StackActionResult } from '../engine/engine.ts';
import { PauseCommand } from './pause-command.ts';

export default class Unpause extends PauseCommand {
  static override summary = 'let paused services go on';
  static override examples = ['<%= config.bin %> unpause', '<%= config.bin %> unpause db'];

  async run(): Promise<StackActionResult> {
    return await this.change('unpause');
  }
}
