/**
 * What a new subnet must not overlap: addresses and routes of this machine.
 */
import { runCommand } from '../base/run-command.ts';

type Route = { readonly dst: string };

/** Shorter ones stand for "everywhere": a tunnel that takes all traffic adds 0.0.0.0/1 and 128.0.0.0/1. */
const SHORTEST_PREFIX = 8;

/** CIDR of version 4; routes to everywhere are none. */
export async function occupiedSubnets(): Promise<string[]> {
  const { stdout } = await runCommand('ip', ['-4', '-j', 'route', 'show', 'table', 'all']);
  const routes = JSON.parse(stdout === '' ? '[]' : stdout) as Route[];
  return [...new Set(routes.map((route) => route.dst).filter(isObstacle))];
}

function isObstacle(destination: string): boolean {
  const [, prefix] = /^\d+\.[\d.]+(?:\/(\d+))?$/.exec(destination) ?? [undefined, '0'];
  return Number(prefix ?? 32) >= SHORTEST_PREFIX;
}
