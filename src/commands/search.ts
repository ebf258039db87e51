/** `berth search`: images on Docker Hub, or repositories of another registry. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { type FoundImage, searchCatalog, searchHub } from '../registry/list-tags.ts';
import { userEnvironment } from '../registry/user-environment.ts';
import { tableLines } from '../ui/print-table.ts';
import { BerthCommand } from './berth-command.ts';

const DESCRIPTION = 60;

export default class Search extends BerthCommand {
  static override summary = 'search Docker Hub, or the list of another registry';
  static override enableJsonFlag = true;
  static override args = { term: Args.string({ required: true, description: 'word, or HOST/WORD' }) };
  static override flags = {
    limit: Flags.integer({ default: 25, min: 1, max: 100, summary: 'most to show' }),
    'no-trunc': Flags.boolean({ summary: 'whole descriptions' }),
  };
  static override examples = ['<%= config.bin %> search redis', '<%= config.bin %> search localhost:5000/team'];

  async run(): Promise<FoundImage[]> {
    const { args, flags } = await this.parse(Search);
    const env = userEnvironment(process.env);
    const [, host, word] = /^([^/]*[.:][^/]*|localhost)\/?(.*)$/.exec(args.term) ?? [];
    const isHub = host === undefined || host === 'docker.io';
    const all = isHub
      ? await searchHub(isHub && host ? word! : args.term, flags.limit, { env })
      : await searchCatalog(host, word ?? '', { env });
    const found = all.slice(0, flags.limit);
    const cut = (text: string) =>
      flags['no-trunc'] || text.length <= DESCRIPTION ? text : `${text.slice(0, DESCRIPTION - 1)}…`;
    const cells = found.map((one) => [one.name, cut(one.description), String(one.stars), one.official ? '[OK]' : '']);
    this.print(tableLines(['NAME', 'DESCRIPTION', 'STARS', 'OFFICIAL'], cells));
    return found;
  }
}
