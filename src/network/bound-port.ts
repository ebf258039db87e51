/**
 * One host address and port held by a socket of ours.
 *
 * DNAT alone binds nothing: without this, another program could take the port
 * and never get a packet. The socket also forwards what reaches it: [::1],
 * which the kernel can not DNAT to version 4.
 */
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { connect, createServer, isIPv6, type Server, type Socket } from 'node:net';

export type Target = { readonly address: string; readonly port: number };

export type BoundPort = {
  readonly port: number;
  /** Where what arrives goes; until then it is refused. */
  forwardTo(target: Target): void;
  close(): Promise<void>;
};

const UDP_IDLE_MS = 60_000;

/** Rejects with the errno of bind(2): EADDRINUSE, EADDRNOTAVAIL. */
export async function bindPort(protocol: 'tcp' | 'udp', address: string, port: number): Promise<BoundPort> {
  return protocol === 'tcp' ? await bindTcp(address, port) : await bindUdp(address, port);
}

async function bindTcp(host: string, port: number): Promise<BoundPort> {
  let target: Target | undefined;
  const clients = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
    clients.add(client);
    client.once('close', () => clients.delete(client));
    if (target) relay(client, target);
    else client.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, ipv6Only: isIPv6(host) }, resolve);
  });
  return {
    port: (server.address() as { port: number }).port,
    forwardTo: (next) => {
      target = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const client of clients) client.destroy();
      }),
  };
}

/** Both ways until both have ended; a failure of one side ends the other. */
function relay(client: Socket, { address, port }: Target): void {
  const upstream = connect({ host: address, port, allowHalfOpen: true, noDelay: true });
  client.setNoDelay(true);
  client.on('error', () => upstream.destroy());
  upstream.on('error', () => client.resetAndDestroy());
  client.once('close', () => upstream.destroy());
  upstream.once('close', () => client.destroy());
  client.pipe(upstream).pipe(client);
}

async function bindUdp(host: string, port: number): Promise<BoundPort> {
  const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', ipv6Only: isIPv6(host) });
  let target: Target | undefined;
  const flows = new Map<string, UdpFlow>();
  socket.on('message', (message, client) => {
    if (!target) return;
    const key = `${client.address} ${client.port}`;
    const flow = flows.get(key) ?? openFlow(socket, client, target, () => flows.delete(key));
    flows.set(key, flow);
    flow.send(message);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, host, resolve);
  });
  socket.on('error', () => {});
  return {
    port: socket.address().port,
    forwardTo: (next) => {
      target = next;
    },
    close: () =>
      new Promise((resolve) => {
        for (const flow of flows.values()) flow.close();
        socket.close(() => resolve());
      }),
  };
}

type UdpFlow = { send(message: Buffer): void; close(): void };

/** One client's conversation with the container, by a socket of its own. */
function openFlow(front: UdpSocket, client: RemoteInfo, target: Target, onClose: () => void): UdpFlow {
  const back = createSocket('udp4');
  const close = () => {
    clearTimeout(timer);
    onClose();
    back.close();
  };
  const timer = setTimeout(close, UDP_IDLE_MS);
  back.on('message', (message) => front.send(message, client.port, client.address));
  back.on('error', () => {});
  return {
    send(message) {
      timer.refresh();
      back.send(message, target.port, target.address);
    },
    close,
  };
}
