/**
 * The bound sockets of all published ports: which are held, which are missing, who is in the way.
 */
import { BerthError } from '../base/errors.ts';
import { bindOrName, reasonOf } from './bind-place.ts';
import type { BoundPort, Target } from './bound-port.ts';
import type { PortClash, PublishSpec } from './network.ts';
import { keyOf, overlap, type Place, type PublishPlace, placesOf, placesToHold } from './port-places.ts';

type Held = { readonly place: Place; readonly bound: BoundPort; holder: string; target?: Target };

type WantedPlace = Place & { readonly holder: string; readonly optional?: boolean };

export type PublishedPorts = {
  /** Binds what is missing; PORT_TAKEN with nothing changed when one can not be. Returns what lets go of the rest. */
  take(publishes: readonly PublishSpec[]): Promise<() => Promise<void>>;
  clashes(wanted: readonly PublishSpec[]): Promise<PortClash[]>;
  /** A port free on all addresses, held from now on. */
  reserve(protocol: 'tcp' | 'udp', hostIps: readonly string[]): Promise<number>;
  close(): Promise<void>;
};

const RESERVED = '';
const RESERVE_TRIES = 50;

export function publishedPorts(): PublishedPorts {
  const held = new Map<string, Held>();

  const bind = async ({ protocol, hostIp, hostPort, holder, optional }: WantedPlace): Promise<Held | undefined> => {
    const bound = await bindOrName({ protocol, hostIp, hostPort }, { wantedBy: holder, optional: optional ?? false });
    if (!bound) return undefined;
    const entry: Held = { place: { protocol, hostIp, hostPort: bound.port }, bound, holder };
    held.set(keyOf(entry.place), entry);
    return entry;
  };
  const letGo = async ({ place, bound }: Held): Promise<void> => {
    held.delete(keyOf(place));
    await bound.close();
  };
  /** All or none. */
  const bindAll = async (places: readonly WantedPlace[]): Promise<void> => {
    const made: Held[] = [];
    try {
      for (const place of places) {
        const entry = await bind(place);
        if (entry) made.push(entry);
      }
    } catch (error) {
      await Promise.all(made.map(letGo));
      throw error;
    }
  };
  /** What could be bound a moment ago; if it was taken meanwhile, the next apply says so. */
  const putBack = async ({ place, holder, target }: Held): Promise<void> => {
    const entry = await bind({ ...place, holder }).catch(() => undefined);
    if (entry && target) aim(entry, target);
  };
  /** A wider or narrower place of the same port can only be bound when the one that is no longer wanted is gone. */
  const exchange = async (missing: readonly PublishPlace[], superfluous: readonly Held[]): Promise<void> => {
    const inTheWay = superfluous.filter((entry) => missing.some((place) => overlap(place, entry.place)));
    await Promise.all(inTheWay.map(letGo));
    try {
      await bindAll(missing);
    } catch (error) {
      await Promise.all(inTheWay.map(putBack));
      throw error;
    }
  };

  return {
    async take(publishes) {
      const places = placesToHold(publishes);
      const wanted = new Set(places.map(keyOf));
      const superfluous = () => [...held.values()].filter(({ place }) => !wanted.has(keyOf(place)));
      await exchange(
        places.filter((place) => !held.has(keyOf(place))),
        superfluous(),
      );
      for (const place of places) {
        const entry = held.get(keyOf(place));
        if (!entry) continue;
        entry.holder = place.holder;
        aim(entry, { address: place.containerIp, port: place.containerPort });
      }
      return async () => void (await Promise.all(superfluous().map(letGo)));
    },

    async clashes(wanted) {
      const places = wanted.flatMap(placesOf);
      const found: PortClash[] = [];
      /* One after the other: a test must not meet the socket of another test. */
      for (const [index, place] of places.entries()) {
        const ours = [
          ...[...held.values()].map(({ place, holder }) => ({ ...place, holder })),
          ...places.slice(0, index),
        ];
        const holder = await obstacleOf(place, ours);
        const { protocol, hostIp, hostPort, holder: wantedBy } = place;
        if (holder !== undefined) found.push({ protocol, hostIp, hostPort, holder, wantedBy });
      }
      return found;
    },

    async reserve(protocol, hostIps) {
      const places = hostIps.map((hostIp, index) => ({ protocol, hostIp, holder: RESERVED, optional: index > 0 }));
      for (let tries = 0; tries < RESERVE_TRIES; tries++) {
        const [first, ...others] = places;
        const entry = await bind({ ...first!, hostPort: 0 });
        const { hostPort } = entry!.place;
        try {
          await bindAll(others.map((place) => ({ ...place, hostPort })));
          return hostPort;
        } catch (error) {
          await letGo(entry!);
          if (!(error instanceof BerthError && error.code === 'PORT_TAKEN')) throw error;
        }
      }
      throw new BerthError('PORT_TAKEN', `no ${protocol} port is free on all of ${hostIps.join(', ')}`, {
        hint: 'end programs that hold ports, or publish a fixed host port',
      });
    },

    async close() {
      await Promise.all([...held.values()].map(letGo));
    },
  };
}

function aim(entry: Held, target: Target): void {
  entry.target = target;
  entry.bound.forwardTo(target);
}

/** Who is in the way of `place`: a holder of `ours`, or whoever is met when it is bound for a moment. */
async function obstacleOf(place: PublishPlace, ours: readonly WantedPlace[]): Promise<string | undefined> {
  const overlapping = ours.filter((other) => overlap(other, place));
  const rival = overlapping.find(({ holder }) => holder !== place.holder);
  if (rival) return rival.holder === RESERVED ? 'a service that is being started' : rival.holder;
  if (overlapping.length > 0) return undefined;
  return await reasonOf(place, place.optional);
}
