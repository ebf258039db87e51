/**
 * What a new subnet must not overlap: addresses and routes of this machine.
 */

import { runCommand } from '../base/run-command.ts';
import { parseCidr } from '../model/cidr.ts';

type Route = { readonly dst: string };

/** Shorter ones stand for "everywhere": a tunnel that takes all traffic adds 0.0.0.0/1 and 128.0.0.0/1. */
const SHORTEST_PREFIX = 8;

/** CIDR of both versions; routes to everywhere are none. */
export async function occupiedSubnets(): Promise<string[]> {
  const routes = await Promise.all((['-4', '-6'] as const).map(readRoutes));
  return [...new Set(routes.flat().filter(isObstacle))];
}

/** None of a version that the kernel does not have. */
async function readRoutes(version: '-4' | '-6'): Promise<string[]> {
  const args = [version, '-j', 'route', 'show', 'table', 'all'];
  const { stdout } = await runCommand('ip', args, { check: version === '-4' });
  return (JSON.parse(stdout === '' ? '[]' : stdout) as Route[]).map((route) => route.dst);
}

function isObstacle(destination: string): boolean {
  return (parseCidr(destination)?.prefix ?? 0) >= SHORTEST_PREFIX;
}
