/**
 * The bound sockets of all published ports: which are held, which are missing, who is in the way.
 */
import { BerthError, errnoOf } from '../base/errors.ts';
import { type BoundPort, bindPort } from './bound-port.ts';
import type { PortClash, PublishSpec } from './network.ts';
import { findPortHolder } from './port-holder.ts';

type Place = { readonly protocol: 'tcp' | 'udp'; readonly hostIp: string; readonly hostPort: number };

type Held = { readonly bound: BoundPort; holder: string };

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

  const bindAll = async (wanted: readonly (Place & { readonly holder: string })[]): Promise<void> => {
    const made: string[] = [];
    try {
      for (const { holder, ...place } of wanted) {
        held.set(keyOf(place), { bound: await bindOrName(place, holder), holder });
        made.push(keyOf(place));
      }
    } catch (error) {
      await Promise.all(made.map((key) => letGo(key)));
      throw error;
    }
  };
  const letGo = async (key: string) => {
    const { bound } = held.get(key)!;
    held.delete(key);
    await bound.close();
  };

  return {
    async take(publishes) {
      const places = publishes.flatMap(placesOf);
      await bindAll(places.filter((place) => !held.has(keyOf(place))));
      for (const place of places) {
        const entry = held.get(keyOf(place))!;
        entry.holder = place.holder;
        entry.bound.forwardTo({ address: place.containerIp, port: place.containerPort });
      }
      const wanted = new Set(places.map(keyOf));
      return async () => {
        await Promise.all([...held.keys()].filter((key) => !wanted.has(key)).map(letGo));
      };
    },

    async clashes(wanted) {
      const found = await Promise.all(wanted.flatMap(placesOf).map((place) => clashOf(place, held.get(keyOf(place)))));
      return found.filter((clash) => clash !== undefined);
    },

    async reserve(protocol, hostIps) {
      for (let tries = 0; tries < RESERVE_TRIES; tries++) {
        const [first, ...others] = hostIps;
        const bound = await bindPort(protocol, first!, 0);
        held.set(keyOf({ protocol, hostIp: first!, hostPort: bound.port }), { bound, holder: RESERVED });
        const rest = others.map((hostIp) => ({ protocol, hostIp, hostPort: bound.port, holder: RESERVED }));
        try {
          await bindAll(rest);
          return bound.port;
        } catch (error) {
          await letGo(keyOf({ protocol, hostIp: first!, hostPort: bound.port }));
          if (!(error instanceof BerthError && error.code === 'PORT_TAKEN')) throw error;
        }
      }
      throw new BerthError('PORT_TAKEN', `no ${protocol} port is free on all of ${hostIps.join(', ')}`);
    },

    async close() {
      await Promise.all([...held.keys()].map(letGo));
    },
  };
}

function keyOf({ protocol, hostIp, hostPort }: Place): string {
  return `${protocol} ${hostIp} ${hostPort}`;
}

function placesOf(publish: PublishSpec) {
  const { hostIps, ...rest } = publish;
  return hostIps.map((hostIp) => ({ ...rest, hostIp }));
}

async function bindOrName(place: Place, holder: string): Promise<BoundPort> {
  try {
    return await bindPort(place.protocol, place.hostIp, place.hostPort);
  } catch (cause) {
    const why = whyNot(place, cause);
    if (why === undefined) throw cause;
    const wanted = holder === RESERVED ? '' : ` wanted by ${holder}`;
    throw new BerthError('PORT_TAKEN', `port ${placeText(place)}${wanted} is taken by ${why}`, {
      hint: 'end that program, or publish another host port',
      cause,
    });
  }
}

/** Tries to bind and lets go again at once. */
async function clashOf(
  place: ReturnType<typeof placesOf>[number],
  entry: Held | undefined,
): Promise<PortClash | undefined> {
  const { protocol, hostIp, hostPort, holder: wantedBy } = place;
  if (entry)
    return entry.holder === wantedBy ? undefined : { protocol, hostIp, hostPort, holder: entry.holder, wantedBy };
  try {
    await (await bindPort(protocol, hostIp, hostPort)).close();
    return undefined;
  } catch (error) {
    const holder = whyNot(place, error);
    if (holder === undefined) throw error;
    return { protocol, hostIp, hostPort, holder, wantedBy };
  }
}

function whyNot({ protocol, hostIp, hostPort }: Place, error: unknown): string | undefined {
  switch (errnoOf(error)) {
    case 'EADDRINUSE':
      return findPortHolder(protocol, hostPort) ?? 'another program';
    case 'EADDRNOTAVAIL':
      return `nobody: ${hostIp} is no address of this machine`;
    case 'EACCES':
      return 'the system: it takes root to bind it';
    default:
      return undefined;
  }
}

function placeText({ protocol, hostIp, hostPort }: Place): string {
  return `${hostIp.includes(':') ? `[${hostIp}]` : hostIp}:${hostPort}/${protocol}`;
}
