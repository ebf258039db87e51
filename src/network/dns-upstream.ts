/**
 * Asks the machine's own name servers.
 */
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { connect, isIP, isIPv6 } from 'node:net';

const PORT = 53;
const ID_BYTES = 2;
const UDP_WAIT_MS = 2_500;
const TCP_WAIT_MS = 5_000;

/** Servers of resolv.conf(5), without those that are ourselves. */
export function readNameServers(isOurs: (address: string) => boolean): string[] {
  let text: string;
  try {
    text = readFileSync('/etc/resolv.conf', 'utf8');
  } catch {
    return [];
  }
  const servers = [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].map((match) => match[1]!);
  return servers.filter((server) => isIP(server) !== 0 && !isOurs(server));
}

/** The answer of the first server that gives one; undefined when none does. */
export async function askUpstream(
  query: Buffer,
  servers: readonly string[],
  protocol: 'udp' | 'tcp',
): Promise<Buffer | undefined> {
  for (const server of servers) {
    const answer = await (protocol === 'udp' ? askUdp(query, server) : askTcp(query, server));
    if (answer) return answer;
  }
  return undefined;
}

function askUdp(query: Buffer, server: string): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(server) ? 'udp6' : 'udp4');
    const finish = (answer?: Buffer) => {
      clearTimeout(timer);
      socket.close();
      resolve(answer);
    };
    const timer = setTimeout(finish, UDP_WAIT_MS);
    socket.once('error', () => finish());
    socket.on('message', (message) => {
      if (message.subarray(0, ID_BYTES).equals(query.subarray(0, ID_BYTES))) finish(message);
    });
    /* Connected: an answer from elsewhere is not taken, and a closed port is an error at once. */
    socket.once('connect', () => socket.send(query));
    socket.connect(PORT, server);
  });
}

function askTcp(query: Buffer, server: string): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: server, port: PORT, timeout: TCP_WAIT_MS });
    let got = Buffer.alloc(0);
    const finish = (answer?: Buffer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('error', () => finish());
    socket.once('timeout', () => finish());
    socket.once('close', () => finish());
    socket.once('connect', () => socket.write(framed(query)));
    socket.on('data', (chunk) => {
      got = Buffer.concat([got, chunk]);
      if (got.length >= 2 && got.length >= 2 + got.readUInt16BE(0)) finish(got.subarray(2, 2 + got.readUInt16BE(0)));
    });
  });
}

/** DNS over TCP: two bytes of length first. RFC 1035, 4.2.2. */
export function framed(packet: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(packet.length);
  return Buffer.concat([length, packet]);
}
