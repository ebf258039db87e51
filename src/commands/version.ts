/** `berth version`; bin/berth answers it before this is loaded. */
import { printLine } from '../ui/output.ts';
import { BerthCommand } from './berth-command.ts';

export default class Version extends BerthCommand {
  static override summary = 'print the version';
  static override enableJsonFlag = true;
  static override examples = ['<%= config.bin %> version'];

  async run(): Promise<{ readonly version: string }> {
    await this.parse(Version);
    if (!this.jsonEnabled()) printLine(`berth ${this.config.version}`);
    return { version: this.config.version };
  }
}
