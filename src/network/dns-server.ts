/**
 * The name server of one bridge, on its gateway, by UDP and TCP.
 *
 * Answers whoever asks from the bridge's subnet, and nobody else: a container
 * of another network could send to this gateway too.
 */
import type { Socket } from 'node:net';
import { contains } from './addresses.ts';
import { answerQuery, failureOf, fitDatagram, isSingleLabel, type NameTable, noSuchName } from './dns-answer.ts';
import { type DnsSockets, listenForQueries } from './dns-sockets.ts';
import { askUpstream, framed, readNameServers } from './dns-upstream.ts';

const SERVFAIL = 2;
const TCP_IDLE_MS = 10_000;
/** Longest a client may send before it has our answers. */
const MAX_PENDING_BYTES = 128 * 1024;

export type DnsServer = {
  /** 53, or another one when somebody else has it on all addresses. */
  readonly port: number;
  close(): Promise<void>;
};

export type DnsOptions = {
  readonly gateway: string;
  readonly subnet: string;
  /** The names that a client's address may know. */
  readonly table: (client: string) => NameTable;
  /** false on an internal network: its containers learn nothing of the world outside. */
  readonly forwards: boolean;
  readonly isOurs: (address: string) => boolean;
};

/** Rejects when no port of the gateway can be bound. */
export async function serveDns(options: DnsOptions): Promise<DnsServer> {
  const sockets: DnsSockets = await listenForQueries(options.gateway, {
    async onDatagram(query, client) {
      if (!contains(options.subnet, client.address)) return;
      const answer = await resolveQuery(query, { protocol: 'udp', client: client.address }, options);
      if (answer) sockets.send(fitDatagram(query, answer), client);
    },
    onClient(client) {
      if (contains(options.subnet, client.remoteAddress ?? '')) serveClient(client, options);
      else client.destroy();
    },
  });
  return { port: sockets.port, close: sockets.close };
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
  client.on('data', async (chunk) => {
    got = Buffer.concat([got, chunk]);
    if (got.length > MAX_PENDING_BYTES) return void client.destroy();
    while (got.length >= 2 && got.length >= 2 + got.readUInt16BE(0)) {
      const end = 2 + got.readUInt16BE(0);
      const query = got.subarray(2, end);
      got = got.subarray(end);
      const answer = await resolveQuery(query, { protocol: 'tcp', client: client.remoteAddress ?? '' }, options);
      if (!answer) return void client.destroy();
      if (client.writable) client.write(framed(answer));
    }
  });
}
