/**
 * Limits of disks -> values of the controller `blkio` (version 1) or `io` (version 2).
 *
 * Owns the forms of these files. Weights are there only where the kernel has
 * the BFQ scheduler or a cost model; their file is found in CgroupHost.
 */
import type { CgroupHost, Setting } from './cgroup.ts';
import type { OciBlockIO } from './spec.ts';

/** Rates: the OCI property, for people, its file of version 1, its key in io.max (cgroup-v2.rst of the kernel). */
const RATES = [
  ['throttleReadBpsDevice', 'rate of bytes read', 'blkio.throttle.read_bps_device', 'rbps'],
  ['throttleWriteBpsDevice', 'rate of bytes written', 'blkio.throttle.write_bps_device', 'wbps'],
  ['throttleReadIOPSDevice', 'rate of reads', 'blkio.throttle.read_iops_device', 'riops'],
  ['throttleWriteIOPSDevice', 'rate of writes', 'blkio.throttle.write_iops_device', 'wiops'],
] as const;

type Place = { readonly host: CgroupHost; readonly origins: Readonly<Record<string, string>> | undefined };

export function blockIOSettings(blockIO: OciBlockIO, { host, origins }: Place): Setting[] {
  const common = { controller: 'blkio', optional: false, origin: origins?.blockIO };
  const weights = host.weights ?? { v1: null, v2: null };
  const weight = (what: string, text: (n: number) => string, n: number): Setting => ({
    ...common,
    what,
    v1: weights.v1 === null ? [] : [[fileOf(weights.v1, what), text(n)]],
    v2: weights.v2 === null ? [] : [[weights.v2, text(weights.v2 === 'io.weight' ? scaled(n) : n)]],
  });
  return [
    ...(blockIO.weight === undefined ? [] : [weight(WEIGHT, String, blockIO.weight)]),
    ...(blockIO.weightDevice ?? []).map((d) => weight(WEIGHT_OF_DEVICE, (n) => `${d.major}:${d.minor} ${n}`, d.weight)),
    ...RATES.flatMap(([property, what, v1File, v2Key]) =>
      (blockIO[property] ?? []).map(({ major, minor, rate }): Setting => {
        const device = `${major}:${minor}`;
        return { ...common, what, v1: [[v1File, `${device} ${rate}`]], v2: [['io.max', `${device} ${v2Key}=${rate}`]] };
      }),
    ),
  ];
}

const WEIGHT = 'weight of disk access';
const WEIGHT_OF_DEVICE = 'weight of access to a disk';

/** Version 1 has a file of its own for devices. */
function fileOf(weightFile: string, what: string): string {
  return what === WEIGHT_OF_DEVICE ? `${weightFile}_device` : weightFile;
}

/** 10..1000 onto io.weight's 1..10000, in a straight line, as runc and crun count it. */
function scaled(weight: number): number {
  return 1 + Math.floor(((weight - 10) * 9999) / 990);
}
