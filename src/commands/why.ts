/** `berth why`: what led to the state a service is in. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { WhyAnswer } from '../engine/engine.ts';
import { whyLines } from '../ui/print-why.ts';
import { answerWidth } from '../ui/wrap-line.ts';
import { BerthCommand } from './berth-command.ts';
import { STACK_FLAGS, stackNameFromFlags } from './stack-flags.ts';

export default class Why extends BerthCommand {
  static override summary = 'the reason for the last start, stop, restart or end of a service';
  static override enableJsonFlag = true;
  static override args = { service: Args.string({ required: true, description: 'the service' }) };
  static override flags = {
    ...STACK_FLAGS,
    index: Flags.integer({ default: 0, summary: 'which replica; otherwise the one something happened to last' }),
  };
  static override examples = ['<%= config.bin %> why web', '<%= config.bin %> why web --json'];

  async run(): Promise<WhyAnswer> {
    const { args, flags } = await this.parse(Why);
    const stack = await stackNameFromFlags(flags);
    const engine = await this.engine();
    const answer = await engine.why({ stack, service: args.service, replica: flags.index });
    this.print(whyLines(answer, answerWidth()));
    return answer;
  }
}
