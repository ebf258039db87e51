/** `berth config`: the stack file after merging, interpolation and checking, in canonical form. */
import * as Flags from '@oclif/core/flags';
import { printLine } from '../ui/output.ts';
import { BerthCommand } from './berth-command.ts';
import { loadFromFlags, STACK_FLAGS } from './stack-flags.ts';

export default class Config extends BerthCommand {
  static override summary = 'check the stack file and print it in canonical form';
  static override enableJsonFlag = true;
  static override flags = {
    ...STACK_FLAGS,
    quiet: Flags.boolean({ char: 'q', summary: 'only check' }),
    services: Flags.boolean({ summary: 'names of services only' }),
    volumes: Flags.boolean({ summary: 'names of volumes only' }),
    format: Flags.string({ options: ['yaml', 'json'], default: 'yaml', summary: 'form of the output' }),
  };
  static override examples = ['<%= config.bin %> config', '<%= config.bin %> config -q && echo fine'];

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Config);
    const { stack, canonical } = await loadFromFlags(flags, [], { readOnly: true });
    if (flags.quiet || this.jsonEnabled()) return canonical;
    if (flags.services) this.print(stack.services.map((s) => s.name));
    else if (flags.volumes) this.print(stack.volumes.map((v) => v.key));
    else if (flags.format === 'json') printLine(JSON.stringify(canonical, null, 2));
    else {
      const { printCanonical } = await import('../stackfile/print-canonical.ts');
      printLine(printCanonical(canonical).trimEnd());
    }
    return canonical;
  }
}
