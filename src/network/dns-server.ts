/**
 * The name server of one bridge, on its gateway, by UDP and TCP.
 */
import { createSocket } from 'node:dgram';
import { createServer, type Socket } from 'node:net';
import { answerQuery, failureOf, fitDatagram, isSingleLabel, type NameTable, noSuchName } from './dns-answer.ts';
import { askUpstream, framed, readNameServers } from './dns-upstream.ts';

const PORT = 53;
const SERVFAIL = 2;
const TCP_IDLE_MS = 10_000;

export type DnsServer = { close(): Promise<void> };

export type DnsOptions = {
  readonly gateway: string;
  /** The names that a client's address may know. */
  readonly table: (client: string) => NameTable;
  /** false on an internal network: its containers learn nothing of the world outside. */
  readonly forwards: boolean;
  readonly isOurs: (address: string) => boolean;
};

/** Rejects when the gateway's port 53 can not be bound. */
export async function serveDns(options: DnsOptions): Promise<DnsServer> {
  const udp = createSocket('udp4');
  udp.on('message', async (query, client) => {
    const answer = await resolveQuery(query, { protocol: 'udp', client: client.address }, options);
    if (answer) udp.send(fitDatagram(query, answer), client.port, client.address, () => {});
  });
  const clients = new Set<Socket>();
  const tcp = createServer((client) => {
    clients.add(client);
    client.once('close', () => clients.delete(client));
    serveClient(client, options);
  });
  await Promise.all([
    new Promise<void>((resolve, reject) => {
      udp.once('error', reject);
      udp.bind(PORT, options.gateway, resolve);
    }),
    new Promise<void>((resolve, reject) => {
      tcp.once('error', reject);
      tcp.listen(PORT, options.gateway, resolve);
    }),
  ]);
  udp.on('error', () => {});
  return {
    async close() {
      for (const client of clients) client.destroy();
      await Promise.all([
        new Promise<void>((resolve) => udp.close(() => resolve())),
        new Promise<void>((resolve) => tcp.close(() => resolve())),
      ]);
    },
  };
}

type Asker = { readonly protocol: 'udp' | 'tcp'; readonly client: string };

async function resolveQuery(
  query: Buffer,
  { protocol, client }: Asker,
  options: DnsOptions,
): Promise<Buffer | undefined> {
  const verdict = answerQuery(query, options.table(client));
  if (verdict.kind === 'drop') return undefined;
  if (verdict.kind === 'answer') return verdict.packet;
  const servers = options.forwards ? readNameServers(options.isOurs) : [];
  const answer = await askUpstream(query, servers, protocol);
  if (answer) return answer;
  return isSingleLabel(query) ? noSuchName(query) : failureOf(query, SERVFAIL);
}

/** Queries one after the other, each with its length before it. */
function serveClient(client: Socket, options: DnsOptions): void {
  let got = Buffer.alloc(0);
  client.setTimeout(TCP_IDLE_MS, () => client.destroy());
  client.on('error', () => {});
  client.on('data', async (chunk) => {
    got = Buffer.concat([got, chunk]);
    while (got.length >= 2 && got.length >= 2 + got.readUInt16BE(0)) {
      const end = 2 + got.readUInt16BE(0);
      const query = got.subarray(2, end);
      got = got.subarray(end);
      const answer = await resolveQuery(query, { protocol: 'tcp', client: client.remoteAddress ?? '' }, options);
      if (!answer) return client.destroy();
      client.write(framed(answer));
    }
  });
}
