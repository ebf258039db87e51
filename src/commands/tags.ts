/** `berth tags`: what a repository of a registry has. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { parseReference } from '../image/reference.ts';
import { listTags } from '../registry/list-tags.ts';
import { userEnvironment } from '../registry/user-environment.ts';
import { BerthCommand } from './berth-command.ts';

export default class Tags extends BerthCommand {
  static override summary = 'list the tags of an image in its registry';
  static override enableJsonFlag = true;
  static override args = { image: Args.string({ required: true, description: 'name of the image, without a tag' }) };
  static override flags = { filter: Flags.string({ summary: 'only tags with this text in them' }) };
  static override examples = ['<%= config.bin %> tags redis', '<%= config.bin %> tags --filter alpine postgres'];

  async run(): Promise<string[]> {
    const { args, flags } = await this.parse(Tags);
    const { domain, path } = parseReference(args.image);
    const all = await listTags(domain, path, { env: userEnvironment(process.env) });
    const tags = all.filter((tag) => tag.includes(flags.filter ?? ''));
    this.print(tags);
    return tags;
  }
}
