/** `berth container create`: a container without a stack file, not started. */
import * as Args from '@oclif/core/args';
import { printLine } from '../../ui/output.ts';
import { showProgress } from '../../ui/show-progress.ts';
import { BerthCommand } from '../berth-command.ts';
import { DRY_RUN_FLAG } from '../stack-flags.ts';
import { MAKE_FLAGS } from './container-flags.ts';
import { makeContainer, planContainer } from './make-container.ts';

export const IMAGE_ARGS = {
  image: Args.string({ required: true, description: 'image' }),
  command: Args.string({ description: "command and its arguments, instead of the image's own" }),
};

export default class ContainerCreate extends BerthCommand {
  static override summary = 'make a container of an image, and do not start it';
  static override strict = false;
  static override endsFlagsAtCommand = true;
  static override args = IMAGE_ARGS;
  static override flags = { ...MAKE_FLAGS, ...DRY_RUN_FLAG };
  static override examples = [
    '<%= config.bin %> container create --name web -p 8080:80 host python3 -m http.server 80',
  ];

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(ContainerCreate);
    const [image, ...command] = argv as string[];
    const engine = await this.engine();
    const making = { flags, image: image!, command };
    if (flags['dry-run']) return this.print(await planContainer(engine, making));
    const made = await showProgress({}, (watch) => makeContainer(engine, making, watch));
    printLine(made.ID);
  }
}
