/**
 * A new image of a service, and new containers of it where it is another one.
 */
import { BerthError } from '../../base/errors.ts';
import { up } from '../up.ts';
import type { Site } from './carry-out.ts';
import { readWatchSecrets } from './watch-secrets.ts';

type Locked = <T>(action: () => Promise<T>) => Promise<T | undefined>;

/** A note when nothing had to be made anew. BUILD_FAILED: the service runs on as it was. */
export async function rebuild(site: Site, locked: Locked, cause: number): Promise<string | undefined> {
  const { world, record, service } = site;
  const { name } = record.stack;
  const { builds, secrets } = readWatchSecrets(world, name);
  const build = builds[service];
  if (!build) {
    throw new BerthError(
      'BUILD_FAILED',
      `how ${service} is built is not known any more: secrets do not outlive a restart`,
      {
        hint: 'run `berth watch` again',
      },
    );
  }
  await world.builds.build(build, { signal: site.over });
  return await locked(async () => {
    const { stack, positions } = world.store.stacks.get(name) ?? record;
    const request = { stack, positions, secrets, services: [service], noDeps: true };
    const { plan } = await up(world, request, { signal: site.over }, cause);
    if (plan.steps.length === 0) return 'the image is the same, the service runs on';
    if (record.prune) await world.images.removeUnnamed();
    return undefined;
  });
}
