/**
 * A service's limits -> OCI resources, each with the path that asked for it.
 */
import type { Service } from '../model/stack.ts';
import { DEFAULT_PIDS_LIMIT } from '../runtime/defaults.ts';
import type { OciResources } from '../runtime/spec.ts';
import { translateBlockIO } from './translate-block-io.ts';

/** Period of the CPU quota when none is given, in microseconds; the kernel's default. */
const DEFAULT_PERIOD_US = 100_000;

export function translateResources(service: Service): OciResources {
  const { resources } = service;
  const path = (name: string) => `services.${service.name}.${name}`;
  return {
    cpu: cpuOf(service),
    memory: {
      limit: resources.memoryBytes ?? undefined,
      reservation: resources.memoryReservationBytes ?? undefined,
      swap: resources.memorySwapBytes ?? undefined,
      /* Records of earlier versions say nothing of it. */
      swappiness: resources.memorySwappiness ?? undefined,
      disableOOMKiller: resources.oomKillDisable,
    },
    blockIO: resources.blockIO && translateBlockIO(service.name, resources.blockIO),
    pids:
      resources.pids === null
        ? { limit: DEFAULT_PIDS_LIMIT, isDefault: true }
        : { limit: resources.pids, isDefault: false },
    devices: service.privileged ? 'all' : 'default',
    deviceRules: service.deviceRules ?? [],
    origins: {
      'cpu.shares': path('cpu_shares'),
      'cpu.quota': path(resources.cpuMillis === null ? 'cpu_quota' : 'cpus'),
      'cpu.period': path('cpu_period'),
      'cpu.cpus': path('cpuset'),
      'memory.limit': path('mem_limit'),
      'memory.reservation': path('mem_reservation'),
      'memory.swap': path('memswap_limit'),
      'memory.swappiness': path('mem_swappiness'),
      'memory.disableOOMKiller': path('oom_kill_disable'),
      'cpu.realtimeRuntime': path('cpu_rt_runtime'),
      'cpu.realtimePeriod': path('cpu_rt_period'),
      blockIO: path('blkio_config'),
      'pids.limit': path('pids_limit'),
    },
  };
}

function cpuOf({ resources }: Service): OciResources['cpu'] {
  const period = resources.cpuPeriodUs ?? (resources.cpuMillis === null ? undefined : DEFAULT_PERIOD_US);
  const quota =
    resources.cpuMillis === null
      ? (resources.cpuQuotaUs ?? undefined)
      : Math.round((resources.cpuMillis / 1000) * (period ?? DEFAULT_PERIOD_US));
  return {
    shares: resources.cpuShares ?? undefined,
    quota,
    period,
    realtimeRuntime: resources.cpuRealtimeUs,
    realtimePeriod: resources.cpuRealtimePeriodUs,
    cpus: resources.cpuset ?? undefined,
  };
}
