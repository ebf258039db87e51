/** An authority of a test's own, what it vouches for, and a TLS door in front of a plain server. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { joinSockets } from './join-sockets.ts';

export type Pair = { readonly cert: string; readonly key: string };

export type Authority = {
  readonly cert: string;
  /** For a server of these names; for a client when there are none. */
  issue(name: string, hosts?: readonly string[]): Pair;
};

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

export function authority(folder: string, name = 'authority'): Authority {
  const at = (file: string) => join(folder, file);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' });
  openssl(
    'req',
    '-x509',
    ...EC,
    '-days',
    '2',
    '-subj',
    `/CN=${name}`,
    '-keyout',
    at(`${name}.key`),
    '-out',
    at(`${name}.pem`),
  );
  return {
    cert: readFileSync(at(`${name}.pem`), 'utf8'),
    issue(own, hosts = []) {
      const names = hosts.map((host) => `${/^[\d.]+$/.test(host) ? 'IP' : 'DNS'}:${host}`).join(',');
      writeFileSync(at('ext'), names === '' ? 'extendedKeyUsage=clientAuth\n' : `subjectAltName=${names}\n`);
      openssl('req', '-new', ...EC, '-subj', `/CN=${own}`, '-keyout', at(`${own}.key`), '-out', at(`${own}.csr`));
      const signer = ['-CA', at(`${name}.pem`), '-CAkey', at(`${name}.key`), '-CAcreateserial'];
      openssl(
        'x509',
        '-req',
        '-in',
        at(`${own}.csr`),
        ...signer,
        '-days',
        '2',
        '-extfile',
        at('ext'),
        '-out',
        at(`${own}.pem`),
      );
      return { cert: readFileSync(at(`${own}.pem`), 'utf8'), key: readFileSync(at(`${own}.key`), 'utf8') };
    },
  };
}

export type Door = {
  readonly port: number;
  /** Common names of the clients that came in; '' for one without a certificate. */
  readonly clients: string[];
  close(): Promise<void>;
};

/** `clientCa`: only those with a certificate of it are let in. */
export async function tlsDoor(to: string, pair: Pair, clientCa?: string): Promise<Door> {
  const clients: string[] = [];
  const sockets = new Set<Socket>();
  const demand = clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true };
  const server = createServer({ ...pair, ...demand }, (socket) => {
    clients.push(String(socket.getPeerCertificate()?.subject?.CN ?? ''));
    const inner = connect(Number(to.split(':')[1]), '127.0.0.1');
    joinSockets(socket, inner);
    sockets.add(socket);
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    clients,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
