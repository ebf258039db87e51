/**
 * The two sockets of a name server: datagrams and connections on one port of one address.
 */
import { createSocket, type RemoteInfo } from 'node:dgram';
import { createServer, isIPv6, type Socket } from 'node:net';
import { errnoOf } from '../base/errors.ts';

const DNS_PORT = 53;
const ANY_PORT_TRIES = 10;
/** Room for the questions of many containers at once; the kernel gives what it allows (net.core.rmem_max). */
const RECEIVE_BYTES = 1024 * 1024;

export type DnsListener = {
  onDatagram(query: Buffer, client: RemoteInfo): Promise<void>;
  onClient(client: Socket): void;
};

export type DnsSockets = {
  readonly port: number;
  send(answer: Buffer, client: RemoteInfo): void;
  close(): Promise<void>;
};

/** On port 53, or on any one that is free: a name server of the machine may hold 53 on all addresses. */
export async function listenForQueries(address: string, listener: DnsListener): Promise<DnsSockets> {
  for (let tries = 0; ; tries++) {
    try {
      return await listenOn(address, tries === 0 ? DNS_PORT : 0, listener);
    } catch (error) {
      if (errnoOf(error) !== 'EADDRINUSE' || tries === ANY_PORT_TRIES) throw error;
    }
  }
}

async function listenOn(address: string, wanted: number, listener: DnsListener): Promise<DnsSockets> {
  const options = { recvBufferSize: RECEIVE_BYTES };
  const udp = isIPv6(address)
    ? createSocket({ ...options, type: 'udp6', ipv6Only: true })
    : createSocket({ ...options, type: 'udp4' });
  udp.on('message', (query, client) => void listener.onDatagram(query, client));
  await settle(udp, () => udp.bind(wanted, address));
  const { port } = udp.address();
  const clients = new Set<Socket>();
  const tcp = createServer((client) => {
    clients.add(client);
    client.once('close', () => clients.delete(client));
    client.on('error', () => {});
    listener.onClient(client);
  });
  try {
    await settle(tcp, () => tcp.listen(port, address));
  } catch (error) {
    udp.close();
    throw error;
  }
  return {
    port,
    send: (answer, client) => udp.send(answer, client.port, client.address, () => {}),
    async close() {
      for (const client of clients) client.destroy();
      await Promise.all([
        new Promise<void>((resolve) => udp.close(() => resolve())),
        new Promise<void>((resolve) => tcp.close(() => resolve())),
      ]);
    },
  };
}

type Listening = Pick<NodeJS.EventEmitter, 'once' | 'on' | 'off'>;

/** Later errors (an interface that goes, no descriptor left) end nothing. */
function settle(socket: Listening, start: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('listening', () => {
      socket.off('error', reject);
      socket.on('error', () => {});
      resolve();
    });
    start();
  });
}
