/**
 * Images of services, fetched as their pull policies say, before anything is planned.
 */
import { BerthError } from '../base/errors.ts';
import type { PullPolicy } from '../model/pull-policy.ts';
import type { Positions, Service } from '../model/stack.ts';
import type { UserEnvironment } from '../registry/docker-config.ts';
import { positionOf } from './definition-diff.ts';
import type { Watch } from './engine.ts';
import { layerEvents } from './image-work.ts';
import type { World } from './world.ts';

export type EnsureImages = {
  readonly services: readonly Service[];
  readonly positions: Positions;
  /** `--pull`: instead of each service's own. */
  readonly policy?: PullPolicy;
  readonly env: UserEnvironment;
};

/** Each image once, side by side. Errors point at the `image:` of the service that wants it. */
export async function ensureImages(world: World, request: EnsureImages, watch: Watch = {}): Promise<void> {
  const wanted = new Map<string, Service>();
  for (const service of request.services) {
    if (await isToBePulled(world, service, request.policy))
      wanted.set(`${service.image} ${service.platform ?? ''}`, service);
  }
  const results = await Promise.allSettled(
    [...wanted.values()].map((service) => pullFor(world, service, request, watch)),
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

/** Would `up` fetch it now? */
export async function isToBePulled(world: World, service: Service, policy?: PullPolicy): Promise<boolean> {
  const how = policy ?? service.pullPolicy ?? 'missing';
  if (service.image === '' || service.image === 'host' || how === 'never' || how === 'build') return false;
  /* What can be built is built, unless the file says that it is fetched. */
  if (service.build != null && service.pullPolicy === null && policy === undefined) return false;
  if (how === 'always') return true;
  const stored = await world.images.stored(service.image, service.platform);
  if (stored === undefined) return true;
  return how !== 'missing' && Date.now() - (stored.pulledAtMs ?? 0) > how.everyMs;
}

async function pullFor(world: World, service: Service, { positions, env }: EnsureImages, watch: Watch): Promise<void> {
  const notice = (text: string) => watch.onEvent?.({ type: 'notice', level: 'info', text });
  notice(`pulling ${service.image}`);
  try {
    const pulled = await world.images.pull(service.image, {
      platform: service.platform ?? undefined,
      env,
      signal: watch.signal,
      onProgress: layerEvents(service.image, watch),
    });
    notice(`${service.image} ${pulled.isNew ? 'pulled' : 'is up to date'}`);
  } catch (error) {
    if (!(error instanceof BerthError) || error.code === 'ABORTED') throw error;
    throw new BerthError(error.code, `service ${service.name}: ${error.message}`, {
      at: positionOf(positions, `services.${service.name}.image`),
      hint: error.hint,
      cause: error,
    });
  }
}
