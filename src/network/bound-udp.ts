/**
 * A datagram socket that passes each client's datagrams on to a container, and the answers back.
 */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { BoundPort, Target } from './bound-port.ts';

const IDLE_MS = 60_000;
/** Each takes a descriptor, and a sender may invent as many addresses as it likes. */
const MAX_FLOWS = 512;

/** Rejects with the errno of bind(2): EADDRINUSE, EADDRNOTAVAIL. */
export async function bindUdp(host: string, port: number): Promise<BoundPort> {
  const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', ipv6Only: isIPv6(host) });
  let target: Target | undefined;
  const flows = new Map<string, Flow>();
  socket.on('message', (message, client) => {
    const key = `${client.address} ${client.port}`;
    const known = flows.get(key);
    if (known) return known.send(message);
    if (!target || flows.size >= MAX_FLOWS) return;
    const flow = openFlow(socket, client, { target, onClose: () => flows.delete(key) });
    flows.set(key, flow);
    flow.send(message);
  });
  const endFlows = () => {
    for (const flow of [...flows.values()]) flow.close();
  };
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, host, resolve);
  });
  socket.on('error', () => {});
  return {
    port: socket.address().port,
    forwardTo(next) {
      /* A client keeps its conversation, but not with a container that has been replaced. */
      if (target && (target.address !== next.address || target.port !== next.port)) endFlows();
      target = next;
    },
    close: () =>
      new Promise((resolve) => {
        endFlows();
        socket.close(() => resolve());
      }),
  };
}

type Flow = { send(message: Buffer): void; close(): void };

type FlowOptions = { readonly target: Target; readonly onClose: () => void };

/** One client's conversation with the container, by a socket of its own. */
function openFlow(front: Socket, client: RemoteInfo, { target, onClose }: FlowOptions): Flow {
  const back = createSocket(isIPv6(target.address) ? 'udp6' : 'udp4');
  const close = () => {
    clearTimeout(timer);
    onClose();
    back.close();
  };
  const timer = setTimeout(close, IDLE_MS).unref();
  back.on('message', (message) => front.send(message, client.port, client.address, () => {}));
  back.on('error', () => {});
  return {
    send(message) {
      timer.refresh();
      back.send(message, target.port, target.address, () => {});
    },
    close,
  };
}
