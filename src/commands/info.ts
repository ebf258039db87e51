/** `berth info`: this machine as berth sees it, and what berth holds on it. */
import { readFileSync } from 'node:fs';
import { arch, cpus, hostname, release, totalmem } from 'node:os';
import * as Flags from '@oclif/core/flags';
import { printBytes } from '../base/bytes.ts';
import type { Engine } from '../engine/engine.ts';
import { parseTemplate } from '../ui/go-template.ts';
import { BerthCommand } from './berth-command.ts';

type Info = Readonly<Record<string, string | number>>;

export default class InfoCommand extends BerthCommand {
  static override summary = 'show what berth holds and what machine it runs on';
  static override enableJsonFlag = true;
  static override flags = {
    format: Flags.string({ char: 'f', summary: 'json, or a template like {{.ContainersRunning}}' }),
  };
  static override examples = ['<%= config.bin %> info', "<%= config.bin %> info --format '{{.NCPU}}'"];

  async run(): Promise<Info> {
    const { flags } = await this.parse(InfoCommand);
    const info = await readInfo(await this.engine());
    if (flags.format === 'json') this.print([JSON.stringify(info)]);
    else if (flags.format) this.print([parseTemplate(flags.format)(info)]);
    else this.print(linesOf(info));
    return info;
  }
}

/** Field names are docker's where it has them. */
async function readInfo(engine: Engine): Promise<Info> {
  const [status, rows, images, doctor] = await Promise.all([
    engine.status(),
    engine.containers({ all: true }),
    engine.images(),
    engine.doctor(),
  ]);
  const count = (state: string) => rows.filter((row) => row.State === state).length;
  const cgroups = doctor.checks.find((check) => check.name.includes('cgroup'))?.found ?? '';
  return {
    Containers: rows.length,
    ContainersRunning: count('running') + count('restarting'),
    ContainersPaused: count('paused'),
    ContainersStopped: count('exited') + count('created') + count('dead'),
    Stacks: status.Stacks,
    Images: images.length,
    ServerVersion: status.Version,
    Driver: 'overlay',
    CgroupVersion: /v1/.test(cgroups) ? '1' : '2',
    Cgroups: cgroups,
    KernelVersion: release(),
    OperatingSystem: systemName(),
    OSType: 'linux',
    Architecture: arch() === 'x64' ? 'x86_64' : 'aarch64',
    NCPU: cpus().length,
    MemTotal: totalmem(),
    Name: hostname(),
    DockerRootDir: status.DataRoot,
    RunRoot: status.RunRoot,
  };
}

function systemName(): string {
  try {
    return /^PRETTY_NAME="?(.*?)"?$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux';
  } catch {
    return 'Linux';
  }
}

const TITLES: Readonly<Record<string, string>> = {
  Containers: 'Containers',
  ContainersRunning: ' Running',
  ContainersPaused: ' Paused',
  ContainersStopped: ' Stopped',
  Stacks: 'Stacks',
  Images: 'Images',
  ServerVersion: 'Version',
  Driver: 'Storage driver',
  Cgroups: 'Cgroups',
  KernelVersion: 'Kernel',
  OperatingSystem: 'System',
  Architecture: 'Architecture',
  NCPU: 'CPUs',
  MemTotal: 'Memory',
  Name: 'Name',
  DockerRootDir: 'Data root',
  RunRoot: 'Run root',
};

function linesOf(info: Info): string[] {
  return Object.entries(TITLES).map(([field, title]) => {
    const value = info[field] ?? '';
    return `${title}: ${field === 'MemTotal' ? printBytes(Number(value)) : value}`;
  });
}
