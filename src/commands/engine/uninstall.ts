/** `berth engine uninstall`: takes away what `engine install` has made. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as Flags from '@oclif/core/flags';
import { BerthCommand } from '../berth-command.ts';
import { systemctl, systemdRuns, UNIT_FOLDER, unitName } from '../systemd-unit.ts';

export default class Uninstall extends BerthCommand {
  static override summary = 'no longer start the engine with the machine; it and its containers go on';
  static override enableJsonFlag = true;
  static override examples = ['<%= config.bin %> engine uninstall'];
  static override flags = {
    'unit-dir': Flags.string({ summary: 'where the unit is, when not with systemd', helpValue: 'DIR' }),
  };

  async run(): Promise<{ readonly Unit: string; readonly Removed: boolean }> {
    const { flags } = await this.parse(Uninstall);
    const folder = flags['unit-dir'];
    const name = unitName(this.roots());
    const path = join(folder ?? UNIT_FOLDER, name);
    const there = existsSync(path);
    const asks = there && folder === undefined && systemdRuns();
    if (asks) await systemctl('disable', name);
    rmSync(path, { force: true });
    if (asks) await systemctl('daemon-reload');
    this.print([there ? `removed ${path}` : `there is no ${path}`]);
    return { Unit: path, Removed: there };
  }
}
