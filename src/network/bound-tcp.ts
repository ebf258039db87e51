/**
 * A listening socket that passes connections on to a container.
 */
import { connect, createServer, isIPv6, type Server, type Socket } from 'node:net';
import type { BoundPort, Target } from './bound-port.ts';

/** Rejects with the errno of bind(2): EADDRINUSE, EADDRNOTAVAIL. */
export async function bindTcp(host: string, port: number): Promise<BoundPort> {
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
  /* accept(2) may fail for want of descriptors; the next one may not. */
  server.on('error', () => {});
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
  /* Soon, not at once: a side that has ended properly may be ahead of what the other still has to be sent. */
  client.once('close', () => upstream.destroySoon());
  upstream.once('close', () => client.destroySoon());
  client.pipe(upstream).pipe(client);
}
