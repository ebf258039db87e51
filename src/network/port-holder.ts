/**
 * Who holds a port: program and pid, from /proc.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

type Protocol = 'tcp' | 'udp';

/** `nginx (pid 812)`, or undefined when no process of this namespace shows it. */
export function findPortHolder(protocol: Protocol, port: number): string | undefined {
  const inodes = new Set(
    [`/proc/self/net/${protocol}`, `/proc/self/net/${protocol}6`].flatMap((path) => socketsOn(path, port, protocol)),
  );
  if (inodes.size === 0) return undefined;
  const pid = readdirSync('/proc').find((name) => /^\d+$/.test(name) && holdsAny(name, inodes));
  return pid === undefined ? undefined : `${programOf(pid)} (pid ${pid})`;
}

/** Inodes of sockets bound to the port; of TCP only listening ones (state 0A). proc_net_tcp.txt of the kernel. */
function socketsOn(path: string, port: number, protocol: Protocol): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  return readOr(path, '')
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(`:${wanted}`) && (protocol === 'udp' || state === '0A'))
    .map((fields) => fields[9]!);
}

function holdsAny(pid: string, inodes: ReadonlySet<string>): boolean {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).some((fd) => {
      const target = readlinkOr(`${folder}/${fd}`);
      return target.startsWith('socket:[') && inodes.has(target.slice(8, -1));
    });
  } catch {
    /* The process has ended meanwhile. */
    return false;
  }
}

function programOf(pid: string): string {
  return readOr(`/proc/${pid}/comm`, 'a program').trim();
}

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}

function readlinkOr(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
