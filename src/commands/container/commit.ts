/** `berth container commit`: an image of what a container changed. */
import * as Args from '@oclif/core/args';
import { BerthCommand } from '../berth-command.ts';
import { COMMIT_FLAGS, commitRequest } from '../commit-flags.ts';
import { CONTAINER_ARG } from './container-command.ts';

export default class ContainerCommit extends BerthCommand {
  static override summary = 'make an image of what a container changed';
  static override enableJsonFlag = true;
  static override args = { ...CONTAINER_ARG, image: Args.string({ description: 'name of the image: NAME[:TAG]' }) };
  static override flags = COMMIT_FLAGS;
  static override examples = [
    '<%= config.bin %> container commit web my-web:1',
    '<%= config.bin %> container commit -c \'CMD ["nginx"]\' -m "with nginx" web my-web',
  ];

  async run(): Promise<{ readonly id: string }> {
    const { args, flags } = await this.parse(ContainerCommit);
    const engine = await this.engine();
    const made = await engine.commitContainer(commitRequest(args.container, args.image, flags));
    this.print([made.id]);
    return made;
  }
}
