/**
 * The systemd unit of an engine: its text, its name, and what systemctl is asked.
 */
import { existsSync } from 'node:fs';
import { type Roots, rootsFromEnvironment } from '../base/roots.ts';
import { runCommand } from '../base/run-command.ts';

export const UNIT_FOLDER = '/etc/systemd/system';

/** `berth.service`; engines with roots of their own have names of their own. */
export function unitName(roots: Roots): string {
  const usual = rootsFromEnvironment({}, 0);
  return usual.data === roots.data && usual.run === roots.run ? 'berth.service' : `berth-${roots.tag}.service`;
}

/** Starts the engine at boot, which starts what restart policies ask for; its end takes no container along. */
export function unitText(roots: Roots, daemon: readonly string[]): string {
  return `[Unit]
Description=berth engine
After=local-fs.target network.target

[Service]
Type=exec
ExecStart=${daemon.map(quoted).join(' ')}
Environment=${quoted(`BERTH_DATA_ROOT=${roots.data}`)} ${quoted(`BERTH_RUN_ROOT=${roots.run}`)}
# Containers outlive the engine, and have control groups of their own.
KillMode=process
Restart=on-failure

[Install]
WantedBy=multi-user.target
`;
}

/** systemd.syntax(7): percent signs and dollars mean something, blanks divide. */
function quoted(text: string): string {
  const escaped = text.replaceAll('%', '%%').replaceAll('$', '$$$$').replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  return /^[\w@%+=:,./-]+$/.test(escaped) ? escaped : `"${escaped}"`;
}

/** Whether systemd is the init of this machine (sd_booted(3)). */
export function systemdRuns(): boolean {
  return existsSync('/run/systemd/system');
}

export async function systemctl(...args: readonly string[]): Promise<void> {
  await runCommand('systemctl', args);
}
