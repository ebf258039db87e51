/** `berth version`; bin/berth answers it without flags before this is loaded. */
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../base/errors.ts';
import { parseTemplate } from '../ui/go-template.ts';
import { BerthCommand } from './berth-command.ts';
import { NOTHING_TO_CHANGE } from './stack-flags.ts';

export default class Version extends BerthCommand {
  static override summary = 'print the version';
  static override enableJsonFlag = true;
  static override flags = {
    ...NOTHING_TO_CHANGE,
    short: Flags.boolean({ summary: 'the number only' }),
    format: Flags.string({ char: 'f', summary: 'pretty, json or a template like {{.version}}' }),
  };
  static override examples = ['<%= config.bin %> version', '<%= config.bin %> version --short'];

  async run(): Promise<{ readonly version: string }> {
    const { flags } = await this.parse(Version);
    const answer = { version: this.config.version };
    if (flags.short) this.print([answer.version]);
    else if (flags.format === 'json') this.print([JSON.stringify(answer)]);
    else if (flags.format?.includes('{{')) this.print([parseTemplate(flags.format)(answer)]);
    else if (flags.format === undefined || flags.format === 'pretty') this.print([`berth ${answer.version}`]);
    else throw new BerthError('USAGE', `--format ${flags.format} is neither pretty nor json nor a template`);
    return answer;
  }
}
