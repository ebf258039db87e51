/** `berth container diff`: what a container changed in its root filesystem. */
import type { RootChange } from '../../engine/answers.ts';
import { BerthCommand } from '../berth-command.ts';
import { CONTAINER_ARG } from './container-command.ts';

const LETTERS = { added: 'A', changed: 'C', deleted: 'D' } as const;

export default class ContainerDiff extends BerthCommand {
  static override summary = 'list files that a container added (A), changed (C) or deleted (D)';
  static override enableJsonFlag = true;
  static override args = CONTAINER_ARG;
  static override examples = ['<%= config.bin %> container diff web'];

  async run(): Promise<RootChange[]> {
    const { args } = await this.parse(ContainerDiff);
    const engine = await this.engine();
    const changes = await engine.containerChanges(args.container);
    this.print(changes.map(({ kind, path }) => `${LETTERS[kind]} ${path}`));
    return changes;
  }
}
