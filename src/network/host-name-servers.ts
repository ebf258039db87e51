/**
 * The machine's name servers, as resolv.conf(5) has them now.
 *
 * Read again only when the file has changed. A stub on 127.0.0.53 is as good
 * as any: it is asked from here, on the machine, never by a container.
 */
import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';

const RESOLV_CONF = '/etc/resolv.conf';

let known: { readonly version: string; readonly servers: readonly string[] } | undefined;

/** In the file's order; without zones, which only this machine could use. */
export function hostNameServers(): readonly string[] {
  const version = versionOf(RESOLV_CONF);
  if (known?.version !== version) known = { version, servers: serversOf(readOrNothing()) };
  return known.servers;
}

/** Those that a container could reach by itself: not what listens on the machine's loopback. */
export function reachableNameServers(): readonly string[] {
  return hostNameServers().filter((server) => !server.startsWith('127.') && server !== '::1');
}

function serversOf(text: string): string[] {
  return [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].map((match) => match[1]!).filter((s) => isIP(s) !== 0);
}

function versionOf(path: string): string {
  try {
    const { ino, mtimeMs, ctimeMs, size } = statSync(path);
    return [ino, mtimeMs, ctimeMs, size].join(' ');
  } catch {
    return '';
  }
}

function readOrNothing(): string {
  try {
    return readFileSync(RESOLV_CONF, 'utf8');
  } catch {
    return '';
  }
}
