/** What a service may use of the machine: limits and devices. */

/** null stands for every number. */
export type DeviceRule = {
  readonly type: 'c' | 'b';
  readonly major: number | null;
  readonly minor: number | null;
  /** Of r, w and m. */
  readonly access: string;
};

export type Device = { readonly source: string; readonly target: string; readonly permissions: string };

/** null everywhere: not asked for. deploy.resources wins over the flat attributes. */
export type Resources = {
  /** Thousandths of a CPU. */
  readonly cpuMillis: number | null;
  readonly cpuShares: number | null;
  readonly cpuQuotaUs: number | null;
  readonly cpuPeriodUs: number | null;
  readonly cpuset: string | null;
  readonly memoryBytes: number | null;
  readonly memoryReservationBytes: number | null;
  /** Memory and swap together as Docker counts it; -1: no limit of swap. */
  readonly memorySwapBytes: number | null;
  /** 0 to 100. */
  readonly memorySwappiness: number | null;
  /** -1: no limit. */
  readonly pids: number | null;
  readonly cpuRealtimeUs?: number;
  readonly cpuRealtimePeriodUs?: number;
  /** Processes wait for memory instead of being killed. */
  readonly oomKillDisable?: boolean;
  readonly blockIO?: BlockIO;
};

/** Limits of disks (blkio_config). */
export type BlockIO = {
  /** 10 to 1000. */
  readonly weight?: number;
  readonly weights: readonly { readonly path: string; readonly weight: number }[];
  /** Bytes in a second. */
  readonly readBytes: readonly DeviceLimit[];
  readonly writeBytes: readonly DeviceLimit[];
  /** Operations in a second. */
  readonly reads: readonly DeviceLimit[];
  readonly writes: readonly DeviceLimit[];
};

/** Of a whole disk, by its path on the host. */
export type DeviceLimit = { readonly path: string; readonly rate: number };
