/** `berth doctor`: what this machine can do for berth, and what is missing. */
import type { DoctorReport } from '../engine/answers.ts';
import { paletteFor } from '../ui/colors.ts';
import { BerthCommand } from './berth-command.ts';

export default class Doctor extends BerthCommand {
  static override summary = 'check what this machine can do, with a remedy for each lack';
  static override enableJsonFlag = true;
  static override examples = ['<%= config.bin %> doctor'];

  async run(): Promise<DoctorReport> {
    await this.parse(Doctor);
    const { examineHost } = await import('../engine/doctor.ts');
    const report = await examineHost(this.roots());
    this.print(reportLines(report));
    if (!report.ok) process.exitCode = 1;
    return report;
  }
}

function reportLines(report: DoctorReport): string[] {
  const paint = paletteFor(process.stdout);
  const signs = { ok: paint.green('ok     '), warning: paint.yellow('warning'), missing: paint.red('missing') };
  return report.checks.flatMap(({ name, status, found, remedy }) => [
    `${signs[status]}  ${name}: ${found}`,
    ...(remedy ? [`         ${remedy}`] : []),
  ]);
}
