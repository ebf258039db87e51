/**
 * Asks other name servers: the machine's own, or those that a container was given.
 *
 * One that does not answer soon is not waited for: the next is asked beside
 * it, and for a while it comes last. What answers anything but the question is
 * not heard.
 */
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import { isAnswerTo, RCODE, rcodeOf } from './dns-message.ts';

const PORT = 53;
const TRY_MS = 2_500;
const TCP_WAIT_MS = 5_000;
/** Then the next server is asked too. */
const NEXT_AFTER_MS = 400;
/** How long a server that has not answered comes last. */
const AVOID_MS = 15_000;
/** Sockets that wait for answers at once; more are refused, since they would only wait for each other. */
const MAX_WAITING = 1_000;

export type Upstream = {
  /** The first good answer; undefined when there is none. */
  ask(query: Buffer, servers: readonly string[], protocol: 'udp' | 'tcp'): Promise<Buffer | undefined>;
};

type Attempt = { readonly server: string; readonly protocol: 'udp' | 'tcp' };

/** `now`: milliseconds of any clock that does not jump. */
export function upstream(now: () => number = () => performance.now()): Upstream {
  const avoided = new Map<string, number>();
  let waiting = 0;

  const isAvoided = (server: string) => (avoided.get(server) ?? Number.NEGATIVE_INFINITY) > now();
  const attemptsFor = (servers: readonly string[], protocol: 'udp' | 'tcp'): Attempt[] => {
    const ordered = [...servers].sort((a, b) => Number(isAvoided(a)) - Number(isAvoided(b)));
    const byTcp = ordered.map((server): Attempt => ({ server, protocol: 'tcp' }));
    /* Some servers hear TCP alone: behind all others, since most hear both. */
    return protocol === 'tcp' ? byTcp : [...ordered.map((server): Attempt => ({ server, protocol: 'udp' })), ...byTcp];
  };
  const attempt = async (query: Buffer, { server, protocol }: Attempt): Promise<Buffer | undefined> => {
    waiting++;
    try {
      const answer = await (protocol === 'udp' ? askUdp(query, server) : askTcp(query, server));
      if (answer) avoided.delete(server);
      else if (protocol === 'udp') avoided.set(server, now() + AVOID_MS);
      return answer;
    } finally {
      waiting--;
    }
  };

  return {
    async ask(query, servers, protocol) {
      if (waiting >= MAX_WAITING) return undefined;
      return await firstGood(attemptsFor(servers, protocol).map((one) => () => attempt(query, one)));
    },
  };
}

/** Starts one after the other, the next when one has failed or takes long; a server that fails to know is the last word only when all do. */
function firstGood(attempts: readonly (() => Promise<Buffer | undefined>)[]): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    let started = 0;
    let ended = 0;
    let poor: Buffer | undefined;
    let timer: NodeJS.Timeout | undefined;
    const finish = (answer: Buffer | undefined) => {
      clearTimeout(timer);
      started = attempts.length;
      resolve(answer);
    };
    const next = () => {
      clearTimeout(timer);
      const start = attempts[started];
      if (!start) {
        if (ended === attempts.length) finish(poor);
        return;
      }
      started++;
      timer = setTimeout(next, NEXT_AFTER_MS);
      void start().then((answer) => {
        ended++;
        if (answer && isGood(answer)) return finish(answer);
        poor ??= answer;
        if (ended === started || ended === attempts.length) next();
      });
    };
    next();
  });
}

function isGood(answer: Buffer): boolean {
  return rcodeOf(answer) !== RCODE.serverFailure && rcodeOf(answer) !== RCODE.refused;
}

function askUdp(query: Buffer, server: string): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(server) ? 'udp6' : 'udp4');
    const finish = (answer?: Buffer) => {
      clearTimeout(timer);
      socket.removeAllListeners('message');
      socket.close();
      resolve(answer);
    };
    const timer = setTimeout(finish, TRY_MS);
    socket.once('error', () => finish());
    socket.on('message', (message) => {
      if (isAnswerTo(query, message)) finish(message);
    });
    /* Connected: an answer from elsewhere is not taken, and a closed port is an error at once. */
    socket.once('connect', () => socket.send(query));
    socket.connect(PORT, server);
  });
}

function askTcp(query: Buffer, server: string): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: server, port: PORT });
    let got = Buffer.alloc(0);
    const finish = (answer?: Buffer) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer && isAnswerTo(query, answer) ? answer : undefined);
    };
    const timer = setTimeout(finish, TCP_WAIT_MS);
    socket.once('error', () => finish());
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
