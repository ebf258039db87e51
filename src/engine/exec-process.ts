/**
 * The process of an exec, with what the container's image says filled in.
 */
import type { OciProcess } from '../runtime/spec.ts';
import type { ContainerRecord } from './records.ts';
import { hostnameOf } from './state-folder.ts';
import { type ExecOptions, execProcess } from './translate-process.ts';
import type { World } from './world.ts';

export async function execProcessOf(
  world: World,
  record: ContainerRecord,
  options: Omit<ExecOptions, 'hostname'>,
): Promise<OciProcess> {
  /* The image may have been removed since: then the service's own values are all there is. */
  const image = await world.images.resolve(record.image.reference);
  return execProcess(record.definition, {
    ...options,
    hostname: hostnameOf(record),
    imageEnv: image?.config.env,
    imageUser: image?.config.user,
    imageWorkingDir: image?.config.workingDir,
  });
}
