/**
 * docker's flags -> what a stack file would say: then the file's own rules read and check it.
 */
import { BerthError } from '../../base/errors.ts';
import type { ServiceFlags } from '../flags-file.ts';
import { readVariables } from '../variable-files.ts';
import type { MakeFlagValues } from './container-flags.ts';
import { mountValue } from './mount-value.ts';

export type MadeOf = { readonly name: string; readonly image: string; readonly command: readonly string[] };

/** Everything but networks. */
export function containerValues(flags: MakeFlagValues, { name, image, command }: MadeOf): ServiceFlags {
  return {
    container_name: name,
    image,
    command: command.length > 0 ? command : undefined,
    entrypoint: flags.entrypoint === undefined ? undefined : flags.entrypoint === '' ? [] : [flags.entrypoint],
    environment: orNone(readVariables(flags['env-file'] ?? [], flags.env ?? [])),
    working_dir: flags.workdir,
    user: flags.user,
    group_add: flags['group-add'],
    hostname: flags.hostname,
    domainname: flags.domainname,
    stdin_open: flags.interactive || undefined,
    tty: flags.tty || undefined,
    init: flags.init,
    labels: flags.label,
    label_file: flags['label-file'],
    annotations: flags.annotation,
    restart: flags.restart,
    stop_signal: flags['stop-signal'],
    stop_grace_period: flags['stop-timeout'] === undefined ? undefined : `${flags['stop-timeout']}s`,
    platform: flags.platform,
    pull_policy: flags.pull,
    ...isolationValues(flags),
    ...storageValues(flags),
    ...limitValues(flags),
    healthcheck: healthValue(flags),
    logging: loggingValue(flags),
  };
}

function isolationValues(flags: MakeFlagValues): ServiceFlags {
  return {
    privileged: flags.privileged || undefined,
    cap_add: flags['cap-add'],
    cap_drop: flags['cap-drop'],
    security_opt: flags['security-opt'],
    read_only: flags['read-only'] || undefined,
    devices: flags.device,
    device_cgroup_rules: flags['device-cgroup-rule'],
    gpus: flags.gpus === undefined || flags.gpus === 'all' ? flags.gpus : [{ count: Number(flags.gpus) }],
    pid: flags.pid,
    ipc: flags.ipc,
    uts: flags.uts,
    userns_mode: flags.userns,
    cgroup: flags.cgroupns,
    cgroup_parent: flags['cgroup-parent'],
    runtime: flags.runtime,
  };
}

function storageValues(flags: MakeFlagValues): ServiceFlags {
  const mounts = [...(flags.volume ?? []), ...(flags.mount ?? []).map(mountValue)];
  return {
    volumes: orNone(mounts),
    tmpfs: flags.tmpfs,
    volumes_from: flags['volumes-from']?.map((text) => `container:${text}`),
    shm_size: flags['shm-size'],
    storage_opt: mapOf('--storage-opt', flags['storage-opt']),
  };
}

export function limitValues(flags: MakeFlagValues): ServiceFlags {
  return {
    mem_limit: flags.memory,
    mem_reservation: flags['memory-reservation'],
    memswap_limit: flags['memory-swap'],
    mem_swappiness: flags['memory-swappiness'],
    cpus: flags.cpus,
    cpu_shares: flags['cpu-shares'],
    cpu_period: flags['cpu-period'],
    cpu_quota: flags['cpu-quota'],
    cpu_rt_period: flags['cpu-rt-period'],
    cpu_rt_runtime: flags['cpu-rt-runtime'],
    cpuset: flags['cpuset-cpus'],
    pids_limit: flags['pids-limit'],
    oom_score_adj: flags['oom-score-adj'],
    oom_kill_disable: flags['oom-kill-disable'] || undefined,
    ulimits: ulimitsOf(flags.ulimit),
    sysctls: flags.sysctl,
    blkio_config: flags['blkio-weight'] === undefined ? undefined : { weight: flags['blkio-weight'] },
  };
}

function ulimitsOf(texts: readonly string[] | undefined): ServiceFlags[string] {
  const limits = mapOf('--ulimit', texts);
  if (!limits) return undefined;
  const both = (text: string) => {
    const [soft, hard = soft] = text.split(':').map(Number);
    return { soft: soft!, hard: hard! };
  };
  return Object.fromEntries(Object.entries(limits).map(([name, text]) => [name, both(text)]));
}

function healthValue(flags: MakeFlagValues): ServiceFlags[string] {
  if (flags['no-healthcheck']) return { disable: true };
  const value = {
    test: flags['health-cmd'],
    interval: flags['health-interval'],
    timeout: flags['health-timeout'],
    retries: flags['health-retries'],
    start_period: flags['health-start-period'],
    start_interval: flags['health-start-interval'],
  };
  return Object.values(value).some((one) => one !== undefined) ? value : undefined;
}

function loggingValue(flags: MakeFlagValues): ServiceFlags[string] {
  const options = mapOf('--log-opt', flags['log-opt']);
  if (flags['log-driver'] === undefined && !options) return undefined;
  return { driver: flags['log-driver'], options };
}

/** `KEY=VALUE`s as a map; USAGE for one that is none. */
function mapOf(flag: string, texts: readonly string[] | undefined): Record<string, string> | undefined {
  if (!texts) return undefined;
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw new BerthError('USAGE', `${flag} ${text} is not NAME=VALUE`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

function orNone<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}
