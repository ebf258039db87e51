/**
 * Who holds a port: program and pid, from /proc.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import type { Place } from './port-places.ts';

/** `nginx (pid 812)`, or undefined when no process of this namespace shows it. */
export function findPortHolder(place: Place): string | undefined {
  const paths = [`/proc/self/net/${place.protocol}`, `/proc/self/net/${place.protocol}6`];
  const sockets = paths.flatMap((path) => parseSockets(readOr(path, ''), place));
  /* Sockets on another address of the same port are in nobody's way. */
  const inTheWay = sockets.filter((socket) => isInTheWay(socket, place.hostIp));
  const inodes = new Set((inTheWay.length > 0 ? inTheWay : sockets).map((socket) => socket.inode));
  if (inodes.size === 0) return undefined;
  const pid = readdirSync('/proc').find((name) => /^\d+$/.test(name) && holdsAny(name, inodes));
  return pid === undefined ? undefined : `${programOf(pid)} (pid ${pid})`;
}

type BoundSocket = { readonly address: string; readonly inode: string };

/** Sockets bound to the port; of TCP only listening ones (state 0A). proc_net_tcp.txt of the kernel. */
function parseSockets(text: string, { protocol, hostPort }: Place): BoundSocket[] {
  const port = `:${hostPort.toString(16).toUpperCase().padStart(4, '0')}`;
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => local?.endsWith(port) && (protocol === 'udp' || state === '0A'))
    .map((fields) => ({ address: fields[1]!.split(':')[0]!, inode: fields[9]! }));
}

function isInTheWay({ address }: BoundSocket, hostIp: string): boolean {
  if (/^0+$/.test(address) || hostIp === '0.0.0.0' || hostIp === '::') return true;
  return isIPv4(hostIp) ? address === hexOf(hostIp) : address.length === 32;
}

/** 127.0.0.1 -> 0100007F: the kernel prints the four bytes as one number of this (little-endian) machine. */
function hexOf(address: string): string {
  const bytes = address.split('.').reverse().map(Number);
  return bytes.map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join('');
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
