/**
 * One port of a published range for each container: the first that is free.
 *
 * Others of our own count by their records, also while they are being made;
 * programs by a try to bind. A port is claimed in memory before it is tried, so
 * that two replicas that are made at once never get the same one.
 */
import type { PublishSpec } from '../network/network.ts';
import { overlap, placesOf } from '../network/port-places.ts';
import type { World } from './world.ts';

export type PortRange = { readonly first: number; readonly last: number };

/** A port of ours that is not to be had, and whose it is. */
export type OtherPublish = { readonly publish: PublishSpec; readonly owner: string };

export type Obstacle = { readonly hostPort: number; readonly holder: string };

export type RangeOptions = {
  readonly range: PortRange;
  /** What is to be published, but for the port. */
  readonly publish: Omit<PublishSpec, 'hostPort'>;
  /** Asked for each port again: others are made meanwhile. */
  readonly others: () => readonly OtherPublish[];
};

export type Claim = {
  /** The port of the container that is replaced: it is tried first. */
  readonly kept: number | undefined;
  /** Keeps a port from others. */
  readonly claim: (publish: PublishSpec) => void;
  readonly letGo: () => void;
};

/** The port, which is claimed from then on, or who is in the way of each port of the range. */
export async function takeFromRange(
  world: World,
  options: RangeOptions,
  { kept, claim, letGo }: Claim,
): Promise<number | readonly Obstacle[]> {
  const obstacles: Obstacle[] = [];
  for (const hostPort of portsOf(options.range, kept)) {
    const holder = await holderOf(world, hostPort, { ...options, claim });
    if (holder === undefined) return hostPort;
    letGo();
    obstacles.push({ hostPort, holder });
  }
  return obstacles;
}

/** Who is in the way when a range has fewer than `count` free ports; undefined when it has enough. Claims nothing. */
export async function findLack(
  world: World,
  options: RangeOptions & { readonly count: number },
): Promise<readonly Obstacle[] | undefined> {
  const obstacles: Obstacle[] = [];
  let free = 0;
  for (const hostPort of portsOf(options.range, undefined)) {
    if (free === options.count) return undefined;
    const holder = await holderOf(world, hostPort, options);
    if (holder === undefined) free++;
    else obstacles.push({ hostPort, holder });
  }
  return free < options.count ? obstacles : undefined;
}

type Look = Omit<RangeOptions, 'range'> & { readonly claim?: Claim['claim'] };

/** No pause between the look at others and the claim. */
async function holderOf(world: World, hostPort: number, { publish, others, claim }: Look): Promise<string | undefined> {
  const wanted = { ...publish, hostPort };
  const other = others().find((one) => meet(one.publish, wanted));
  if (other) return other.owner;
  claim?.(wanted);
  return (await world.network.portClashes([wanted]))[0]?.holder;
}

function* portsOf({ first, last }: PortRange, kept: number | undefined): Generator<number> {
  const isOfRange = kept !== undefined && kept >= first && kept <= last;
  if (isOfRange) yield kept;
  for (let port = first; port <= last; port++) if (!isOfRange || port !== kept) yield port;
}

/** Whether both want one port of one address. */
function meet(one: PublishSpec, other: PublishSpec): boolean {
  if (one.hostPort !== other.hostPort || one.protocol !== other.protocol) return false;
  return placesOf(one).some((a) => placesOf(other).some((b) => overlap(a, b)));
}
