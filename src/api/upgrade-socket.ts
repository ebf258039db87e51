/**
 * A session's connection without an HTTP client: one request line by hand, for commands that have to be fast.
 */
import { connect, type Socket } from 'node:net';
import { API_VERSION, SESSION, VERSION_HEADER } from './wire-names.ts';

const END_OF_HEAD = '\r\n\r\n';

/** The upgraded connection; undefined when no engine answers, or one that says no: then the ordinary way tells why. */
export function openSocket(socketPath: string, path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    let head = Buffer.alloc(0);
    const giveUp = () => {
      socket.destroy();
      resolve(undefined);
    };
    socket.once('error', giveUp);
    socket.once('close', giveUp);
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: berth\r\nconnection: upgrade\r\nupgrade: ${SESSION}\r\n${VERSION_HEADER}: ${API_VERSION}${END_OF_HEAD}`,
    );
    const onData = (chunk: Buffer) => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf(END_OF_HEAD);
      if (end < 0) return;
      socket.off('data', onData);
      socket.off('error', giveUp);
      socket.off('close', giveUp);
      if (!head.toString('latin1', 0, 12).endsWith(' 101')) return giveUp();
      const rest = head.subarray(end + END_OF_HEAD.length);
      socket.pause();
      if (rest.length > 0) socket.unshift(rest);
      resolve(socket);
    };
    socket.on('data', onData);
  });
}
