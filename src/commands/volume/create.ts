/** `berth volume create`. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../../base/errors.ts';
import type { VolumeSummary } from '../../engine/copy-calls.ts';
import { BerthCommand } from '../berth-command.ts';

export default class Create extends BerthCommand {
  static override summary = 'make a volume';
  static override enableJsonFlag = true;
  static override args = { name: Args.string({ description: 'its name; one is made up without' }) };
  static override flags = {
    driver: Flags.string({ char: 'd', default: 'local', summary: '`local` is the only one' }),
    label: Flags.string({ multiple: true, multipleNonGreedy: true, summary: 'KEY=VALUE' }),
    opt: Flags.string({
      char: 'o',
      multiple: true,
      multipleNonGreedy: true,
      summary: 'type=, o= or device=, as mount(8) has them',
    }),
  };
  static override examples = [
    '<%= config.bin %> volume create data',
    '<%= config.bin %> volume create -o type=nfs -o o=addr=10.0.0.1,rw -o device=:/exports/data shared',
  ];

  async run(): Promise<VolumeSummary> {
    const { args, flags } = await this.parse(Create);
    if (flags.driver !== 'local')
      throw new BerthError('USAGE', `there is no volume driver ${flags.driver}`, { hint: '`local` is the only one' });
    const engine = await this.engine();
    const volume = await engine.volumeCreate({
      name: args.name,
      labels: pairsOf(flags.label ?? []),
      options: pairsOf(flags.opt ?? []),
    });
    this.print([volume.Name]);
    return volume;
  }
}

function pairsOf(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(texts.map((text) => [text.split('=', 1)[0]!, text.split(/=(.*)/s)[1] ?? '']));
}
