/**
 * The image of a service, or an error that points at its line.
 */
import { BerthError } from '../base/errors.ts';
import type { ResolvedImage } from '../image/image.ts';
import type { Positions, Service } from '../model/stack.ts';
import { positionOf } from './definition-diff.ts';
import type { World } from './world.ts';

/** Throws IMAGE_NOT_FOUND at the service's `image:`. */
export async function requireImage(
  { world, positions }: { readonly world: World; readonly positions: Positions },
  service: Service,
): Promise<ResolvedImage> {
  const image = await world.images.resolve(service.image);
  if (image) return image;
  throw new BerthError('IMAGE_NOT_FOUND', `service ${service.name}: image ${service.image} is not on this machine`, {
    at: positionOf(positions, `services.${service.name}.image`),
    hint: service.build
      ? `build it: \`berth build ${service.name}\`, or \`berth up --build\``
      : `\`berth image pull ${service.image}\` fetches it; pull_policy keeps up from doing so`,
  });
}
