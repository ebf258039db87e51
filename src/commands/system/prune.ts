/** `berth system prune`: everything that nothing needs. */
import * as Flags from '@oclif/core/flags';
import { printBytes } from '../../base/bytes.ts';
import type { VolumePruned } from '../../engine/copy-calls.ts';
import type { PrunedImages } from '../../image/prune.ts';
import { confirm } from '../../ui/confirm.ts';
import { BerthCommand } from '../berth-command.ts';

type Pruned = { readonly images: PrunedImages; readonly volumes: VolumePruned | null };

export default class Prune extends BerthCommand {
  static override summary = 'remove what no container and no image needs';
  static override enableJsonFlag = true;
  static override flags = {
    all: Flags.boolean({ char: 'a', summary: 'images that no container uses too' }),
    volumes: Flags.boolean({ summary: 'anonymous volumes that no container has too, with their data' }),
    force: Flags.boolean({ char: 'f', summary: 'do not ask' }),
  };
  static override examples = ['<%= config.bin %> system prune', '<%= config.bin %> system prune -a --volumes -f'];

  async run(): Promise<Pruned | null> {
    const { flags } = await this.parse(Prune);
    const what = [
      'unfinished pulls',
      ...(flags.all ? ['images that no container uses'] : []),
      ...(flags.volumes ? ['anonymous volumes that no container has'] : []),
    ];
    const isSure =
      flags.force || this.jsonEnabled() || (await confirm(`This removes ${what.join(', ')}. Are you sure?`, '--force'));
    if (!isSure) return null;
    const engine = await this.engine();
    const volumes = flags.volumes ? await engine.volumePrune({ all: false, labels: [], withoutLabels: [] }) : null;
    const images = await engine.imagePrune({ all: flags.all });
    this.print([
      ...images.untagged.map((name) => `untagged ${name}`),
      ...(volumes?.VolumesDeleted ?? []).map((name) => `deleted volume ${name}`),
      `Total reclaimed space: ${printBytes(images.freedBytes + (volumes?.SpaceReclaimed ?? 0))}`,
    ]);
    return { images, volumes };
  }
}
