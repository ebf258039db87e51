/**
 * One request to the engine by hand, for the quick ways: no HTTP client is loaded.
 */
import { connect } from 'node:net';
import { API_VERSION, VERSION_HEADER } from './api/wire-names.ts';

export type Question = { readonly method: 'GET' | 'POST'; readonly path: string; readonly json?: unknown };

/** The body of an answer with status 200; undefined for any other, and when no engine answers. */
export function askOnce(socketPath: string, { method, path, json }: Question): Promise<string | undefined> {
  const content = json === undefined ? '' : JSON.stringify(json);
  const head = [`${method} ${path} HTTP/1.1`, 'host: berth', 'connection: close', `${VERSION_HEADER}: ${API_VERSION}`];
  const about =
    json === undefined ? [] : ['content-type: application/json', `content-length: ${Buffer.byteLength(content)}`];
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.once('error', () => resolve(undefined));
    socket.once('close', () => {
      const answer = Buffer.concat(chunks);
      const end = answer.indexOf('\r\n\r\n');
      const ok = end > 0 && answer.toString('latin1', 0, 13).endsWith(' 200 ');
      resolve(ok ? answer.toString('utf8', end + 4) : undefined);
    });
    /* Half a connection is none to the server: it would let go before it has answered. */
    socket.write(`${[...head, ...about].join('\r\n')}\r\n\r\n${content}`);
  });
}
