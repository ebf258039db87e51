/**
 * What a new subnet must not overlap: addresses and routes of this machine.
 */
import { runCommand } from '../base/run-command.ts';

type Route = { readonly dst: string };

/** CIDR of version 4; the default route is none. */
export async function occupiedSubnets(): Promise<string[]> {
  const { stdout } = await runCommand('ip', ['-4', '-j', 'route', 'show', 'table', 'all']);
  const routes = JSON.parse(stdout === '' ? '[]' : stdout) as Route[];
  return [...new Set(routes.map((route) => route.dst).filter((dst) => /^\d+\./.test(dst)))];
}
