/**
 * The name server of one bridge, on its gateway, by UDP and TCP.
 *
 * Answers whoever asks from the bridge's subnet, and nobody else: a container
 * of another network could send to this gateway too.
 */
import type { Socket } from 'node:net';
import { contains } from './addresses.ts';
import { answerQuery, failureOf, isSingleLabel } from './dns-answer.ts';
import { fitDatagram, RCODE } from './dns-message.ts';
import { type DnsSockets, listenForQueries } from './dns-sockets.ts';
import { framed, type Upstream } from './dns-upstream.ts';
import type { NameView } from './name-service.ts';

const TCP_IDLE_MS = 10_000;
/** Longest a client may send before it has our answers. */
const MAX_PENDING_BYTES = 128 * 1024;

export type DnsServer = {
  readonly gateway: string;
  /** 53, or another one when somebody else has it on all addresses. */
  readonly port: number;
  close(): Promise<void>;
};

export type DnsOptions = {
  readonly gateway: string;
  readonly subnet: string;
  /** What a client's address may know. */
  readonly view: (client: string) => NameView;
  readonly upstream: Upstream;
};

/** Rejects when no port of the gateway can be bound. */
export async function serveDns(options: DnsOptions): Promise<DnsServer> {
  const { gateway, subnet } = options;
  const sockets: DnsSockets = await listenForQueries(gateway, {
    async onDatagram(query, client) {
      if (!contains(subnet, client.address)) return;
      const answer = await resolveQuery(query, { protocol: 'udp', client: client.address }, options);
      if (answer) sockets.send(fitDatagram(query, answer), client);
    },
    onClient(client) {
      if (contains(subnet, client.remoteAddress ?? '')) serveClient(client, options);
      else client.destroy();
    },
  });
  return { gateway, port: sockets.port, close: sockets.close };
}

type Asker = { readonly protocol: 'udp' | 'tcp'; readonly client: string };

async function resolveQuery(
  query: Buffer,
  { protocol, client }: Asker,
  { view, upstream }: DnsOptions,
): Promise<Buffer | undefined> {
  const { table, servers } = view(client);
  const verdict = answerQuery(query, table);
  if (verdict.kind === 'drop') return undefined;
  if (verdict.kind === 'answer') return verdict.packet;
  const answer = await upstream.ask(query, servers(), protocol);
  if (answer) return answer;
  return failureOf(query, isSingleLabel(query) ? RCODE.noSuchName : RCODE.serverFailure);
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
