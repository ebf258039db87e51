/** A proxy on loopback: absolute requests and CONNECT, led to ports of this machine whatever name was asked for. */
import { request as ask, createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { joinSockets } from './join-sockets.ts';

export type FakeProxy = {
  readonly host: string;
  readonly seen: { readonly method: string; readonly target: string; readonly authorization: string | undefined }[];
  close(): Promise<void>;
};

/** `routes`: `registry.test:443` -> port. `isSilent`: takes connections and says nothing. */
export async function fakeProxy(
  routes: Readonly<Record<string, number>>,
  { userPass, isSilent = false }: { readonly userPass?: string; readonly isSilent?: boolean } = {},
): Promise<FakeProxy> {
  const seen: FakeProxy['seen'] = [];
  const sockets = new Set<Socket>();
  const wanted = userPass === undefined ? undefined : `Basic ${Buffer.from(userPass).toString('base64')}`;
  const admit = ({ method = '', url = '', headers }: IncomingMessage) => {
    seen.push({ method, target: url, authorization: headers['proxy-authorization'] });
    return wanted === undefined || headers['proxy-authorization'] === wanted;
  };
  const server = createServer((request, response) => {
    if (isSilent) return;
    if (!admit(request)) return void response.writeHead(407, { 'proxy-authenticate': 'Basic' }).end();
    const url = new URL(request.url!);
    const port = routes[`${url.hostname}:${url.port || 80}`];
    if (port === undefined) return void response.writeHead(502).end();
    const { 'proxy-authorization': _own, ...headers } = request.headers;
    const inner = ask({ port, path: url.pathname + url.search, method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    request.pipe(inner.on('error', () => response.destroy()));
  });
  server.on('connection', (socket) => sockets.add(socket));
  server.on('connect', (request, socket: Socket) => {
    if (isSilent) return;
    const port = routes[request.url!];
    if (!admit(request)) return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    if (port === undefined) return void socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    const inner = connect(port, '127.0.0.1', () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    joinSockets(socket, inner);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
