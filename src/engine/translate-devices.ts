/**
 * A service's `devices:` -> OCI devices, read from the host's device nodes.
 */
import { statSync } from 'node:fs';
import { BerthError } from '../base/errors.ts';
import type { Service } from '../model/stack.ts';
import type { OciDevice } from '../runtime/spec.ts';

export function translateDevices(service: Service): OciDevice[] {
  return service.devices.map(({ source, target, permissions }) => {
    const node = statSync(source, { throwIfNoEntry: false });
    if (!node || !(node.isCharacterDevice() || node.isBlockDevice())) {
      throw new BerthError('HOST_LACKS_FEATURE', `service ${service.name}: ${source} is not a device of this machine`, {
        hint: 'look at /dev for its name, or remove it from `devices:`',
      });
    }
    return {
      path: target,
      type: node.isBlockDevice() ? 'b' : 'c',
      major: majorOf(node.rdev),
      minor: minorOf(node.rdev),
      fileMode: node.mode & 0o777,
      access: permissions,
    };
  });
}

/** Source: makedev(3), glibc's layout of a 64-bit dev_t. */
function majorOf(rdev: number): number {
  const dev = BigInt(rdev);
  return Number(((dev >> 8n) & 0xfffn) | ((dev >> 32n) & 0xfffff000n));
}

function minorOf(rdev: number): number {
  const dev = BigInt(rdev);
  return Number((dev & 0xffn) | ((dev >> 12n) & 0xffffff00n));
}
