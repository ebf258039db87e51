/** `berth down`: takes the stack away; data stays unless asked otherwise. */
import * as Flags from '@oclif/core/flags';
import type { DownResult } from '../engine/engine.ts';
import { listenForInterrupt } from '../ui/interrupt.ts';
import { showProgress } from '../ui/show-progress.ts';
import { BerthCommand } from './berth-command.ts';
import { STACK_FLAGS, secondsToMs, stackNameFromFlags } from './stack-flags.ts';

export default class Down extends BerthCommand {
  static override summary = "stop and remove the stack's containers and networks";
  static override enableJsonFlag = true;
  static override flags = {
    ...STACK_FLAGS,
    volumes: Flags.boolean({ char: 'v', summary: 'remove its volumes too, with their data' }),
    timeout: Flags.integer({ char: 't', summary: 'seconds between the stop signal and the kill' }),
    'remove-orphans': Flags.boolean({
      summary: 'accepted for scripts: down always removes all containers of the stack',
    }),
  };
  static override examples = ['<%= config.bin %> down', '<%= config.bin %> down -v'];

  async run(): Promise<DownResult> {
    const { flags } = await this.parse(Down);
    const stack = await stackNameFromFlags(flags);
    const engine = await this.engine();
    const interrupt = listenForInterrupt('ending after the steps that run; Ctrl-C again to leave at once');
    try {
      const request = { stack, removeVolumes: flags.volumes, graceMs: secondsToMs(flags.timeout) };
      const result = await showProgress({ signal: interrupt.signal, quiet: this.jsonEnabled() }, (watch) =>
        engine.down(request, watch),
      );
      this.print(summaryLines(stack, result));
      return result;
    } finally {
      interrupt.close();
    }
  }
}

function summaryLines(stack: string, { plan, keptVolumes }: DownResult): string[] {
  return [
    ...(plan.steps.length === 0 ? [`${stack} is not up: nothing to do`] : []),
    ...(keptVolumes.length > 0
      ? [`kept: ${keptVolumes.map((v) => `volume ${v}`).join(', ')} (\`berth down -v\` removes them)`]
      : []),
  ];
}
