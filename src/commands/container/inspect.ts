/** `berth container inspect`: everything about containers, in docker's shape. */
import * as Flags from '@oclif/core/flags';
import type { ContainerInspect } from '../../engine/answers.ts';
import { parseTemplate } from '../../ui/go-template.ts';
import { BerthCommand } from '../berth-command.ts';
import { CONTAINER_ARG } from './container-command.ts';

export default class ContainerInspectCommand extends BerthCommand {
  static override summary = 'print everything about containers as JSON';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = CONTAINER_ARG;
  static override flags = {
    format: Flags.string({ char: 'f', summary: 'json, or a template like {{.State.Status}}' }),
    size: Flags.boolean({ char: 's', summary: 'with the bytes that it wrote (SizeRw)' }),
  };
  static override examples = [
    '<%= config.bin %> container inspect web',
    "<%= config.bin %> container inspect -f '{{.NetworkSettings.IPAddress}}' web",
  ];

  async run(): Promise<ContainerInspect[]> {
    const { flags, argv } = await this.parse(ContainerInspectCommand);
    const names = argv as string[];
    const engine = await this.engine();
    const found = await engine.inspectContainers(names);
    const sizes = flags.size ? await engine.containerSizes(names) : {};
    const rows = found.map((one) => (flags.size ? { ...one, SizeRw: sizes[one.Id] ?? 0 } : one));
    const { format } = flags;
    if (format === undefined) this.print([JSON.stringify(rows, null, 4)]);
    else if (format === 'json') this.print([JSON.stringify(rows)]);
    else this.print(rows.map(parseTemplate(format)));
    return rows;
  }
}
