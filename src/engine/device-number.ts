/** Major and minor of a device node: makedev(3), glibc's layout of a 64-bit dev_t. */
import type { DeviceNumber } from '../runtime/spec.ts';

export function deviceNumber(rdev: number): DeviceNumber {
  const dev = BigInt(rdev);
  return {
    major: Number(((dev >> 8n) & 0xfffn) | ((dev >> 32n) & 0xfffff000n)),
    minor: Number((dev & 0xffn) | ((dev >> 12n) & 0xffffff00n)),
  };
}
