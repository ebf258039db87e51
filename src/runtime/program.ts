/**
 * Spec -> the executor's program: one for a container, one for an exec.
 *
 * Pure: everything it may know is in its arguments, so that a program is a
 * unit test's text. Owns the order of the phases (docs/executor.md); the parts
 * are made beside it in *-ops.ts.
 */
import { join } from 'node:path';
import { type CgroupHost, cgroupJoinOps, cgroupOps } from './cgroup.ts';
import { filesystemOps } from './mount-ops.ts';
import { interfaceOps, interfaceSetupOps, sysctlOps } from './network-ops.ts';
import { type Op, op } from './op.ts';
import { type ProcessHost, processOps } from './process-ops.ts';
import type { ContainerSpec, ExecSpec, OciNamespace, OciProcess } from './spec.ts';

/** What a program depends on beside the spec. */
export type ProgramHost = ProcessHost & { readonly cgroups: CgroupHost };

/** Kept low, so that the kernel's OOM killer takes the container first; ignored without the right to lower it. */
const MONITOR_OOM_SCORE = -900;

/** The executor's names of the OCI namespaces. */
const NAMESPACE: Readonly<Record<OciNamespace['type'], string>> = {
  pid: 'pid',
  mount: 'mnt',
  uts: 'uts',
  ipc: 'ipc',
  network: 'net',
  cgroup: 'cgroup',
  user: 'user',
  time: 'time',
};

/** The program that starts a container. */
export function containerProgram(spec: ContainerSpec, tag: string, host: ProgramHost): Op[] {
  const { config } = spec;
  return [
    op('tag', [tag]),
    ...stdioOps(spec.stateDir, spec.stdin, config.process, spec.awaitAttach),
    ...(spec.log === null
      ? []
      : [
          op(
            'log',
            [spec.log.path, spec.log.maxBytes, spec.log.maxFiles, spec.log.bufferBytes],
            'opening the log file',
          ),
        ]),
    op('monitor-oom-score', [MONITOR_OOM_SCORE]),
    ...cgroupOps(host.cgroups, spec.cgroup, config.linux.resources, config.linux.devices),
    ...namespaceOps(config.linux.namespaces),
    ...interfaceOps(spec.interfaces),
    ...filesystemOps(spec.rootfs, config, host.cgroups, spec.noteOpens),
    ...interfaceSetupOps(spec.interfaces, hasNewNamespace(config.linux.namespaces, 'network')),
    ...sysctlOps(config.linux.sysctl, config.linux.namespaces),
    ...nameOps('hostname', config.hostname),
    ...nameOps('domainname', config.domainname),
    ...processOps(config.process, { seccomp: config.linux.seccomp, init: spec.init }, host),
  ];
}

export type ExecTarget = {
  readonly pid: number;
  readonly startTime: number;
  /** The executor's names of the namespaces in which the container differs from us. */
  readonly namespaces: readonly string[];
};

/** The program that runs one more process in a container. */
export function execProgram(spec: ExecSpec, tag: string, target: ExecTarget, host: ProgramHost): Op[] {
  const { pid, startTime, namespaces } = target;
  return [
    op('tag', [tag]),
    ...stdioOps(spec.stateDir, spec.stdin, spec.process, spec.awaitAttach),
    op('monitor-oom-score', [MONITOR_OOM_SCORE]),
    ...cgroupJoinOps(host.cgroups, spec.cgroup),
    op('join-pid', [pid, startTime, namespaces.join(',')], 'entering the container'),
    ...processOps(spec.process, { seccomp: spec.seccomp, init: false }, host),
  ];
}

function stdioOps(stateDir: string, stdin: string, process: OciProcess, awaitAttach: boolean): Op[] {
  const { terminal } = process;
  return [
    op('state-dir', [stateDir], `using the folder ${stateDir}`),
    ...(terminal === null ? [] : [op('terminal', [terminal.rows, terminal.cols], 'opening a terminal')]),
    op('stdin', [stdin]),
    ...(awaitAttach ? [op('await-attach', [], `listening on ${join(stateDir, 'ctl.sock')}`)] : []),
  ];
}

function namespaceOps(namespaces: readonly OciNamespace[]): Op[] {
  const fresh = namespaces.filter((namespace) => namespace.path === undefined);
  const joined = namespaces.filter((namespace) => namespace.path !== undefined);
  return [
    op('namespaces', [fresh.map(({ type }) => NAMESPACE[type]).join(',')], 'making namespaces'),
    ...joined.map(({ type, path }) => op('join', [NAMESPACE[type], path!], `joining the ${type} namespace ${path}`)),
  ];
}

function hasNewNamespace(namespaces: readonly OciNamespace[], type: OciNamespace['type']): boolean {
  return namespaces.some((namespace) => namespace.type === type && namespace.path === undefined);
}

function nameOps(name: 'hostname' | 'domainname', value: string | null): Op[] {
  return value === null ? [] : [op(name, [value], `setting the ${name} ${value}`)];
}
