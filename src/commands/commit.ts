/** `berth commit`: an image of what a service's container changed. */
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { BerthCommand } from './berth-command.ts';
import { COMMIT_FLAGS, commitRequest } from './commit-flags.ts';
import { findReplica } from './find-replica.ts';
import { DRY_RUN_FLAG, PROJECT_LONG_FLAG, STACK_FLAGS, stackNameFromFlags } from './stack-flags.ts';

export default class Commit extends BerthCommand {
  static override summary = "make an image of what a service's container changed";
  static override enableJsonFlag = true;
  static override args = {
    service: Args.string({ required: true, description: 'service' }),
    image: Args.string({ description: 'name of the image: NAME[:TAG]' }),
  };
  static override flags = {
    ...STACK_FLAGS,
    /* As in docker compose: -p is --pause here; `berth -p NAME commit` names the stack. */
    'project-name': PROJECT_LONG_FLAG,
    ...DRY_RUN_FLAG,
    ...COMMIT_FLAGS,
    index: Flags.integer({ summary: 'number of the replica' }),
  };
  static override examples = ['<%= config.bin %> commit web my-web:1'];

  async run(): Promise<{ readonly id: string }> {
    const { args, flags } = await this.parse(Commit);
    const stack = await stackNameFromFlags(flags);
    const engine = await this.engine();
    const row = await findReplica(engine, { stack, service: args.service, index: flags.index });
    if (flags['dry-run']) {
      this.print([`an image ${args.image ?? 'without a name'} would be made of ${row.Name}`]);
      return { id: '' };
    }
    const made = await engine.commitContainer(commitRequest(row.ID, args.image, flags));
    this.print([made.id]);
    return made;
  }
}
