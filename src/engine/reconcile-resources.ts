/**
 * The part of reconcile that plans networks and volumes.
 *
 * Pure, like reconcile. A network whose definition changed can not be altered
 * under its containers: they are evicted, the network is made anew.
 */
import type { NetworkOptions, StackNetwork } from '../model/stack.ts';
import type { Desired } from './desired.ts';
import type { Observed, ObservedContainer } from './observed.ts';
import type { PlanBuilder } from './plan-builder.ts';
import { planRemoval } from './plan-removal.ts';
import type { NetworkRecord } from './records.ts';

export type Resources = {
  /** Create step by key of the stack file. */
  readonly networkSteps: Map<string, number>;
  readonly volumeSteps: Map<string, number>;
  /** Ids of containers that are removed because their network is made anew. */
  readonly evicted: ReadonlySet<string>;
};

/** Plans the networks that the selected services use. */
export function planNetworks(plan: PlanBuilder, desired: Desired, observed: Observed): Resources {
  const evicted = new Set<string>();
  const networkSteps = new Map<string, number>();
  const used = usedNetworks(desired);
  for (const network of desired.stack.networks) {
    if (!(used.has(network.key) || desired.allResources) || network.external) continue;
    const current = observed.networks.find((n) => n.name === network.name);
    const change = current && networkChange(current, network);
    if (current && !change) continue;
    const removed =
      current && change
        ? planEviction(plan, observed, current, change, evicted)
        : planRescue(plan, observed, network, evicted);
    const why = change ?? 'no network yet';
    const op = { kind: 'create-network', network: network.key } as const;
    networkSteps.set(network.key, plan.add(`network:${network.key}`, op, why, removed));
  }
  return { networkSteps, volumeSteps: new Map(), evicted };
}

function usedNetworks(desired: Desired): Set<string> {
  const selected = desired.stack.services.filter((s) => desired.selected.has(s.name));
  return new Set(selected.flatMap((s) => s.networks.map((n) => n.network)));
}

/** What differs in words, or undefined. A subnet chosen by berth is no difference to none asked for. */
function networkChange(current: NetworkRecord, wanted: StackNetwork): string | undefined {
  const { definition } = current;
  const fields: readonly [name: string, from: unknown, to: unknown][] = [
    ['driver', definition.driver, wanted.driver],
    ['internal', definition.internal, wanted.internal],
    ['enable_ipv4', definition.enableIPv4, wanted.enableIPv4],
    ['enable_ipv6', definition.enableIPv6, wanted.enableIPv6],
    ['subnets', subnetsText(definition.subnets), subnetsText(wanted.subnets)],
    ...optionFields(definition.options, wanted.options),
  ];
  const changed = fields.find(([, from, to]) => from !== to);
  return changed && `${changed[0]} ${changed[1] ?? 'unset'} -> ${changed[2] ?? 'unset'}`;
}

function subnetsText(subnets: StackNetwork['subnets']): string {
  if (subnets.length === 0) return 'of our choice';
  return subnets
    .map(({ subnet, gateway, ipRange, auxAddresses }) => {
      const aux = Object.entries(auxAddresses).map(([name, address]) => `${name}=${address}`);
      return [subnet, gateway && `by ${gateway}`, ipRange && `out of ${ipRange}`, ...aux].filter(Boolean).join(' ');
    })
    .join(', ');
}

function optionFields(from: NetworkOptions, to: NetworkOptions): [string, unknown, unknown][] {
  return (Object.keys(to) as (keyof NetworkOptions)[]).map((name) => [name, from[name], to[name]]);
}

/** Containers of a network whose record was lost: it comes back with other addresses. */
function planRescue(plan: PlanBuilder, observed: Observed, network: StackNetwork, evicted: Set<string>): number[] {
  const attached = observed.containers.filter((c) => c.networks.includes(network.name));
  return attached.map((c) => {
    evicted.add(c.id);
    return planRemoval(plan, c, `its network ${network.key} is gone`, []);
  });
}

function planEviction(
  plan: PlanBuilder,
  observed: Observed,
  network: NetworkRecord,
  change: string,
  evicted: Set<string>,
): number[] {
  const attached = observed.containers.filter((c: ObservedContainer) => c.networks.includes(network.name));
  const removals = attached.map((c) => {
    evicted.add(c.id);
    return planRemoval(plan, c, `its network ${network.key} changes: ${change}`, []);
  });
  const op = { kind: 'remove-network', network: network.name } as const;
  return [plan.add(`network:${network.key}`, op, change, removals)];
}

/** Plans the volumes that the selected services use; existing ones are never touched. */
export function planVolumes(plan: PlanBuilder, desired: Desired, observed: Observed, resources: Resources): void {
  const selected = desired.stack.services.filter((s) => desired.selected.has(s.name));
  const used = new Set(selected.flatMap((s) => s.mounts.map((m) => (m.kind === 'volume' ? m.source : null))));
  for (const volume of desired.stack.volumes) {
    if (!(used.has(volume.key) || desired.allResources) || volume.external || observed.volumes.has(volume.name))
      continue;
    const op = { kind: 'create-volume', volume: volume.key } as const;
    resources.volumeSteps.set(volume.key, plan.add(`volume:${volume.key}`, op, 'no volume yet', []));
  }
}
