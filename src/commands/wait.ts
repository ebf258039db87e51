/** `berth wait`: until services have ended. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../base/errors.ts';
import type { EndedContainer } from '../engine/answers.ts';
import { listenForInterrupt } from '../ui/interrupt.ts';
import { showProgress } from '../ui/show-progress.ts';
import { BerthCommand } from './berth-command.ts';
import { NOTHING_TO_CHANGE, STACK_FLAGS, stackNameFromFlags } from './stack-flags.ts';

export default class Wait extends BerthCommand {
  static override summary = 'wait until services have ended, and end with their exit code';
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { service: Args.string({ required: true, description: 'services to wait for' }) };
  static override flags = {
    ...STACK_FLAGS,
    ...NOTHING_TO_CHANGE,
    'down-project': Flags.boolean({ summary: 'take the stack down when the first of them has ended' }),
  };
  static override examples = ['<%= config.bin %> wait migrate', '<%= config.bin %> wait --down-project tests'];

  async run(): Promise<EndedContainer[]> {
    const { flags, argv } = await this.parse(Wait);
    const stack = await stackNameFromFlags(flags);
    const engine = await this.engine();
    const rows = await engine.containers({ stack, services: argv as string[], all: true });
    if (rows.length === 0) {
      throw new BerthError('STACK_NOT_FOUND', `stack ${stack} has no containers to wait for`, {
        hint: 'start it with `berth up -d`',
      });
    }
    const until = flags['down-project'] ? 'first' : 'all';
    const interrupt = listenForInterrupt();
    try {
      const ended = await engine.waitExit({ containers: rows.map((row) => row.ID), until }, interrupt.signal);
      this.print(ended.map((one) => `container ${one.name} exited with status code ${one.code}`));
      if (flags['down-project']) {
        await showProgress({ quiet: this.jsonEnabled() }, (watch) =>
          engine.down({ stack, removeVolumes: false }, watch),
        );
      }
      process.exitCode = ended.find((one) => one.code !== 0)?.code ?? 0;
      return ended;
    } finally {
      interrupt.close();
    }
  }
}
