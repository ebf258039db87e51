/**
 * `network connect` and `disconnect`: one end of a container more or less, while it runs.
 *
 * The record says what should be.
 * What is made by hand lives as long as the container: restarts of it and of
 * the engine keep it, `up` leaves it alone, a container that is replaced is
 * what the stack file says (docs/networks.md).
 */
import { closeSync } from 'node:fs';
import { BerthError } from '../../base/errors.ts';
import { allocateAttachment } from '../allocate-attachment.ts';
import { recordByName } from '../choose-containers.ts';
import { defaultRoutes } from '../default-routes.ts';
import type { Attachment, ContainerRecord } from '../records.ts';
import { rewriteNameFiles } from '../state-folder.ts';
import { interfacesOf } from '../translate.ts';
import type { LiveContainer, World } from '../world.ts';
import { findNetwork } from './network-list.ts';
import type { ConnectRequest, DisconnectRequest } from './network-requests.ts';

/** REQUEST_INVALID when it is connected already, or has no network of its own. */
export async function connectContainer(world: World, request: ConnectRequest): Promise<void> {
  const network = findNetwork(world, request.network);
  const record = recordByName(world, request.container);
  refuseForeignNamespace(record);
  if (record.attachments.some((a) => a.network === network.name)) {
    throw new BerthError('REQUEST_INVALID', `${record.name} is on network ${network.name} already`, {
      hint: `run \`berth network disconnect ${network.name} ${record.name}\` first`,
    });
  }
  const end = allocateAttachment(world, network, {
    wish: {
      ipv4Address: request.ipv4Address ?? null,
      ipv6Address: request.ipv6Address ?? null,
      linkLocalIps: request.linkLocalIps ?? [],
      macAddress: request.macAddress ?? null,
      aliases: request.aliases ?? [],
      sysctls: {},
      gwPriority: request.gwPriority ?? 0,
      interfaceName: request.interfaceName ?? freeName(record.attachments),
    },
    old: undefined,
    who: record.name,
    at: () => undefined,
  });
  const made: Attachment = { ...end, byHand: true, links: request.links ?? [] };
  await change(world, record, { attachments: [...record.attachments, made], made });
}

/** A stack's own network may be left too: the next `up` makes the container anew. `force`: that it is not on it is fine. */
export async function disconnectContainer(world: World, request: DisconnectRequest): Promise<void> {
  const network = findNetwork(world, request.network);
  const record = recordByName(world, request.container);
  const gone = record.attachments.find((a) => a.network === network.name);
  if (!gone && request.force) return;
  if (!gone) {
    throw new BerthError('REQUEST_INVALID', `${record.name} is not on network ${network.name}`, {
      hint: `it is on ${record.attachments.map((a) => a.network).join(', ') || 'none'}`,
    });
  }
  await change(world, record, { attachments: record.attachments.filter((a) => a !== gone), gone });
}

type Change = { readonly attachments: readonly Attachment[]; readonly made?: Attachment; readonly gone?: Attachment };

/** Record, rules and names first: a container must not send from an address that nobody has given it. */
async function change(world: World, record: ContainerRecord, { attachments, made, gone }: Change): Promise<void> {
  const routed = { ...record, attachments: defaultRoutes(world, attachments) };
  /* A new end is on disk before the kernel has it, an old one until the kernel has it no more: should the engine die in
   * between, the next one finds a lost end and gives it back. In memory it is right at once: our own repair would undo it. */
  if (made) await world.store.containers.put(record.id, routed);
  else world.store.containers.hold(record.id, routed);
  const live = world.live.get(record.id);
  /* A namespace that is kept for the next start has the old interfaces: a new one is made then. */
  if (!live?.running || live.netns === null) {
    if (live) forgetNamespace(live);
    await world.store.containers.put(record.id, routed);
    await world.syncNetwork();
    return;
  }
  try {
    await world.syncNetwork();
    const interfaces = interfacesOf(world, routed);
    await world.runtime.replug(`/proc/${process.pid}/fd/${live.netns}`, {
      removed: gone ? [gone.interfaceName] : [],
      added: interfaces.filter((one) => one.name === made?.interfaceName),
      interfaces,
    });
    rewriteNameFiles(world, routed);
    if (gone) await world.store.containers.put(record.id, world.store.containers.get(record.id) ?? routed);
  } catch (error) {
    await world.store.containers.put(record.id, record);
    await world.syncNetwork().catch(() => {});
    throw error;
  }
}

function forgetNamespace(live: LiveContainer): void {
  if (live.netns === null) return;
  closeSync(live.netns);
  live.netns = null;
}

function refuseForeignNamespace({ name, definition }: ContainerRecord): void {
  const { kind } = definition.networkMode;
  if (kind === 'networks') return;
  throw new BerthError('REQUEST_INVALID', `${name} can not be connected: its network_mode is ${kind}`, {
    hint: 'only containers with a network namespace of their own can be on networks',
  });
}

/** The first `ethN` that is not taken. */
function freeName(attachments: readonly Attachment[]): string {
  const taken = new Set(attachments.map((a) => a.interfaceName));
  let next = 0;
  while (taken.has(`eth${next}`)) next++;
  return `eth${next}`;
}
