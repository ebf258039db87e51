/**
 * A service's `blkio_config` -> OCI limits, by the numbers of the host's disks.
 */
import { statSync } from 'node:fs';
import { BerthError } from '../base/errors.ts';
import type { BlockIO, DeviceLimit } from '../model/resources.ts';
import type { DeviceNumber, OciBlockIO } from '../runtime/spec.ts';
import { deviceNumber } from './device-number.ts';

/** HOST_LACKS_FEATURE for a path that is no disk. */
export function translateBlockIO(service: string, limits: BlockIO): OciBlockIO {
  const rates = (of: readonly DeviceLimit[]) => of.map(({ path, rate }) => ({ ...diskNumber(service, path), rate }));
  return {
    weight: limits.weight,
    weightDevice: limits.weights.map(({ path, weight }) => ({ ...diskNumber(service, path), weight })),
    throttleReadBpsDevice: rates(limits.readBytes),
    throttleWriteBpsDevice: rates(limits.writeBytes),
    throttleReadIOPSDevice: rates(limits.reads),
    throttleWriteIOPSDevice: rates(limits.writes),
  };
}

function diskNumber(service: string, path: string): DeviceNumber {
  const node = statSync(path, { throwIfNoEntry: false });
  if (node?.isBlockDevice()) return deviceNumber(node.rdev);
  throw new BerthError('HOST_LACKS_FEATURE', `service ${service}: ${path} in blkio_config is no disk of this machine`, {
    hint: 'lsblk shows them; write a whole disk like /dev/sda, no partition',
  });
}
