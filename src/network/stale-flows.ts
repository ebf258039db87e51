/**
 * UDP flows that a changed port leaves behind.
 *
 * The kernel looks at rules for the first packet of a flow only. A client that
 * goes on sending from one port would reach the container that was there
 * before, or nobody at all, for as long as it does.
 */
import { runCommand } from '../base/run-command.ts';
import type { PublishSpec } from './network.ts';

/** One program when a port of UDP leads elsewhere than before; none otherwise. */
export async function forgetStaleFlows(
  executor: string,
  before: readonly PublishSpec[],
  after: readonly PublishSpec[],
): Promise<void> {
  const ports = changedPorts(before, after);
  if (ports.length > 0) await runCommand(executor, ['forget-flows', ...ports.map(String)]);
}

/** Host ports of UDP that are published in one of both only, or to another container. */
export function changedPorts(before: readonly PublishSpec[], after: readonly PublishSpec[]): number[] {
  const [old, now] = [leading(before), leading(after)];
  const changed = [...old.keys(), ...now.keys()].filter((key) => old.get(key) !== now.get(key));
  return [...new Set(changed.map((key) => Number(key.split(' ')[1])))];
}

/** `ADDRESS PORT` -> where it leads; of several the first one counts. */
function leading(publishes: readonly PublishSpec[]): Map<string, string> {
  const places = new Map<string, string>();
  for (const { protocol, hostIps, hostPort, containerIp, containerIp6, containerPort } of publishes) {
    if (protocol !== 'udp') continue;
    for (const ip of hostIps) {
      const key = `${ip} ${hostPort}`;
      if (!places.has(key)) places.set(key, `${containerIp} ${containerIp6 ?? ''} ${containerPort}`);
    }
  }
  return places;
}
