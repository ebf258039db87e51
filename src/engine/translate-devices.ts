/**
 * A service's `devices:` -> OCI devices, read from the host's device nodes.
 */
import { statSync } from 'node:fs';
import { BerthError } from '../base/errors.ts';
import type { Service } from '../model/stack.ts';
import type { OciDevice } from '../runtime/spec.ts';
import { deviceNumber } from './device-number.ts';

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
      ...deviceNumber(node.rdev),
      fileMode: node.mode & 0o777,
      access: permissions,
    };
  });
}
