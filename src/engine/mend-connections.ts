/**
 * Gives running containers back what somebody has taken from them: their end on a network.
 *
 * The container goes on: the new interface has the old name and addresses, in
 * the network namespace that lives.
 */
import type { PluggedEnd } from '../network/network.ts';
import type { ContainerRecord } from './records.ts';
import { interfacesOf } from './translate.ts';
import type { World } from './world.ts';

type Candidate = PluggedEnd & { readonly id: string };

/** What can not be mended is logged; the others are. */
export async function mendConnections(world: World): Promise<void> {
  const candidates = world.store.containers.all().flatMap((record) => candidatesOf(world, record));
  const loose = await world.network.findLooseEnds(candidates);
  const byId = new Map<string, Candidate[]>();
  for (const end of loose) byId.set(end.id, [...(byId.get(end.id) ?? []), end]);
  await Promise.all([...byId].map(([id, ends]) => reconnect(world, id, ends)));
}

function candidatesOf(world: World, record: ContainerRecord): Candidate[] {
  const live = world.live.get(record.id);
  if (!live?.running || live.netns === null) return [];
  const netnsPath = `/proc/${process.pid}/fd/${live.netns}`;
  /* A macvlan has no other end; of a network whose record was lost there is no bridge: `up` makes both anew. */
  const ends = record.attachments.filter(
    (a) => a.macvlan === null && world.store.networks.get(a.network) !== undefined,
  );
  return ends.map(({ interfaceName, bridge }) => ({ id: record.id, netnsPath, interfaceName, bridge }));
}

async function reconnect(world: World, id: string, ends: readonly Candidate[]): Promise<void> {
  const record = world.store.containers.get(id);
  /* It may have ended while we looked. */
  if (!record || !world.live.get(id)?.running) return;
  const names = new Set(ends.map((end) => end.interfaceName));
  const lost = record.attachments.filter((attachment) => names.has(attachment.interfaceName));
  const networks = lost.map((attachment) => attachment.network).join(', ');
  try {
    await world.runtime.connect(ends[0]!.netnsPath, interfacesOf(world, record, lost));
    world.log(`${record.name}: its interface on ${networks} was gone; it has a new one with the same address`);
  } catch (error) {
    if (world.live.get(id)?.running) world.log(`${record.name}: not reconnected to ${networks}: ${String(error)}`);
  }
}
