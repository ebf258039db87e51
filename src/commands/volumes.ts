/** `berth volumes`: the volumes of the stack. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { VolumeSummary } from '../engine/copy-calls.ts';
import { BerthCommand } from './berth-command.ts';
import { NOTHING_TO_CHANGE, STACK_FLAGS, stackNameFromFlags } from './stack-flags.ts';
import { volumeLines } from './volume-rows.ts';

export default class Volumes extends BerthCommand {
  static override summary = 'list the volumes of the stack';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { service: Args.string({ description: 'only those that these services have' }) };
  static override flags = {
    ...STACK_FLAGS,
    ...NOTHING_TO_CHANGE,
    quiet: Flags.boolean({ char: 'q', summary: 'names only' }),
    format: Flags.string({ summary: 'table, json (one object a line) or a template like {{.Name}}' }),
  };
  static override examples = ['<%= config.bin %> volumes', '<%= config.bin %> volumes -q db'];

  async run(): Promise<VolumeSummary[]> {
    const { flags, argv } = await this.parse(Volumes);
    const services = argv as string[];
    const stack = await stackNameFromFlags(flags);
    const engine = await this.engine();
    const rows = await engine.containers({ stack, services, all: true });
    const containers = new Set(rows.map((row) => row.Name));
    const isOwn = (volume: VolumeSummary) =>
      volume.UsedBy.some((name) => containers.has(name)) ||
      (services.length === 0 && volume.Labels['com.docker.compose.project'] === stack);
    const volumes = (await engine.volumes()).filter(isOwn);
    this.print(volumeLines(volumes, flags));
    return volumes;
  }
}
