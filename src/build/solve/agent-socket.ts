/**
 * A socket in front of the user's ssh agent, with the owner and mode that a step asked for.
 */

import { once } from 'node:events';
import { chmod, chown, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';

export type AgentOptions = {
  readonly agent: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
};

/** Listens until the returned function is called. */
export async function agentSocket(path: string, { agent, mode, uid, gid }: AgentOptions): Promise<() => Promise<void>> {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(agent);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(one);
      one.pipe(other);
      one.once('error', () => other.destroy());
      one.once('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  server.listen(path);
  await once(server, 'listening');
  await chown(path, uid, gid);
  await chmod(path, mode);
  return async () => {
    for (const socket of open) socket.destroy();
    server.close();
    await rm(path, { force: true });
  };
}
