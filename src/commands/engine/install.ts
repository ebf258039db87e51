/** `berth engine install`: the engine starts with the machine, and with it what restart policies ask for. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../../base/errors.ts';
import { BerthCommand, packageRoot } from '../berth-command.ts';
import { systemctl, systemdRuns, UNIT_FOLDER, unitName, unitText } from '../systemd-unit.ts';

export default class Install extends BerthCommand {
  static override summary = 'start the engine with the machine, by a unit of systemd';
  static override enableJsonFlag = true;
  static override examples = ['<%= config.bin %> engine install'];
  static override flags = {
    'unit-dir': Flags.string({ summary: 'write the unit there and ask systemd for nothing', helpValue: 'DIR' }),
  };

  async run(): Promise<{ readonly Unit: string; readonly Enabled: boolean }> {
    const { flags } = await this.parse(Install);
    const folder = flags['unit-dir'];
    if (folder === undefined) refuseWithoutSystemd();
    const roots = this.roots();
    const name = unitName(roots);
    const path = join(folder ?? UNIT_FOLDER, name);
    mkdirSync(folder ?? UNIT_FOLDER, { recursive: true });
    writeFileSync(path, unitText(roots, [process.execPath, join(packageRoot(), 'dist', 'daemon.cjs')]));
    if (folder === undefined) {
      await systemctl('daemon-reload');
      /* An engine that runs already keeps its place until the next boot. */
      await systemctl('enable', ...((await this.runningEngine()) ? [] : ['--now']), name);
    }
    this.print([
      `wrote ${path}`,
      folder === undefined ? `${name} starts with the machine` : `systemd was not asked: enable ${name} there`,
    ]);
    return { Unit: path, Enabled: folder === undefined };
  }
}

function refuseWithoutSystemd(): void {
  if (process.geteuid?.() !== 0)
    throw new BerthError('NEEDS_ROOT', 'a unit of systemd needs root to be installed', {
      hint: 'run `sudo berth engine install`',
    });
  if (systemdRuns()) return;
  throw new BerthError('HOST_LACKS_FEATURE', 'systemd does not run on this machine, so nothing can be installed', {
    hint: 'let your own init run `berth ls` once at boot: it starts the engine; or write the unit with --unit-dir DIR',
  });
}
