/**
 * Which interfaces of living containers have lost their other end: it is gone, elsewhere, or on another bridge.
 */
import { runCommand } from '../base/run-command.ts';
import type { PluggedEnd } from './network.ts';

/** Command lines have an end, too. */
const PATHS_AT_ONCE = 500;

type Link = { readonly name: string; readonly index: number; readonly peer: number; readonly master: number };

/** Those of `ends` that are not as they should be. One program for all. */
export async function findLooseEnds<End extends PluggedEnd>(executor: string, ends: readonly End[]): Promise<End[]> {
  const loose: End[] = [];
  for (let from = 0; from < ends.length; from += PATHS_AT_ONCE) {
    loose.push(...(await findAmong(executor, ends.slice(from, from + PATHS_AT_ONCE))));
  }
  return loose;
}

async function findAmong<End extends PluggedEnd>(executor: string, ends: readonly End[]): Promise<End[]> {
  const [here = [], ...inside] = await readLinks(executor, [
    `/proc/${process.pid}/ns/net`,
    ...ends.map((end) => end.netnsPath),
  ]);
  const byIndex = new Map(here.map((link) => [link.index, link]));
  return ends.filter((end, place) => {
    const own = inside[place]?.find((link) => link.name === end.interfaceName);
    const other = own && byIndex.get(own.peer);
    /* Numbers are given out in each namespace anew: only both together say that it is the same pair. */
    return other?.peer !== own?.index || byIndex.get(other?.master ?? 0)?.name !== end.bridge;
  });
}

/** For each path its links; none for a namespace that is gone. */
async function readLinks(executor: string, paths: readonly string[]): Promise<Link[][]> {
  const { stdout } = await runCommand(executor, ['links', ...paths]);
  const links: Link[][] = paths.map(() => []);
  for (const line of stdout.split('\n').filter(Boolean)) {
    const [place, name = '', ...numbers] = line.split(' ');
    const [index = 0, peer = 0, master = 0] = numbers.map(Number);
    links[Number(place)]?.push({ name, index, peer, master });
  }
  return links;
}
