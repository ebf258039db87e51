/**
 * Redis: commands as lists of words, answers as values (RESP 2).
 *
 * Source: https://redis.io/docs/latest/develop/reference/protocol-spec/
 */
import { byteReader } from './byte-reader.js';
import { connection } from './connection.js';

export function redisClient({ host, port = 6379 }) {
  const open = async (socket) => ({ socket, reader: byteReader(socket) });
  const link = connection({ host, port, open, ask });
  return { command: (...words) => link.ask(words) };
}

async function ask({ socket, reader }, words) {
  const parts = words.map((word) => `$${Buffer.byteLength(String(word))}\r\n${word}\r\n`);
  socket.write(`*${words.length}\r\n${parts.join('')}`);
  return await readValue(reader);
}

async function readValue(reader) {
  const line = await reader.line();
  const rest = line.slice(1);
  switch (line[0]) {
    case '+':
      return rest;
    case ':':
      return Number(rest);
    case '-':
      throw Object.assign(new Error(`redis: ${rest}`), { answered: true });
    case '$':
      return Number(rest) < 0 ? null : (await reader.bytes(Number(rest) + 2)).subarray(0, -2).toString('utf8');
    case '*':
      return await readList(reader, Number(rest));
    default:
      throw new Error(`redis: answer begins with ${JSON.stringify(line[0])}`);
  }
}

async function readList(reader, length) {
  if (length < 0) return null;
  const values = [];
  while (values.length < length) values.push(await readValue(reader));
  return values;
}
