/**
 * PostgreSQL: one statement with parameters at a time, rows as objects of text.
 *
 * Speaks the extended query protocol, version 3, with trust authentication.
 * Source: https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
import { byteReader } from './byte-reader.js';
import { connection } from './connection.js';

const PROTOCOL = 3 << 16;

export function postgresClient({ host, port = 5432, user, database }) {
  const link = connection({ host, port, open: (socket) => start(socket, user, database), ask });
  return { query: (text, ...values) => link.ask({ text, values }) };
}

async function start(socket, user, database) {
  const reader = byteReader(socket);
  const options = ['user', user, 'database', database, ''].map(text);
  socket.write(framed('', Buffer.concat([int32(PROTOCOL), ...options])));
  await readUntilReady(reader);
  return { socket, reader };
}

async function ask({ socket, reader }, { text: statement, values }) {
  const parse = framed('P', text(''), text(statement), int16(0));
  const bind = framed('B', text(''), text(''), int16(0), int16(values.length), ...values.map(parameter), int16(0));
  const describe = framed('D', Buffer.from('P'), text(''));
  const execute = framed('E', text(''), int32(0));
  socket.write(Buffer.concat([parse, bind, describe, execute, framed('S')]));
  return await readUntilReady(reader);
}

/** Rows that come before the server is ready for the next statement; an error it sends is thrown then. */
async function readUntilReady(reader) {
  const rows = [];
  let columns = [];
  let error;
  for (;;) {
    const { type, body } = await readMessage(reader);
    if (type === 'T') columns = columnNames(body);
    else if (type === 'D') rows.push(rowOf(columns, body));
    else if (type === 'E') error = errorOf(body);
    else if (type === 'R' && body.readInt32BE(0) !== 0) throw new Error('postgres: asks for a password');
    /* A server that refuses a connection sends the error and closes; no Z follows. */
    if (error && (type === 'Z' || error.fatal)) throw error;
    if (type === 'Z') return rows;
  }
}

async function readMessage(reader) {
  const head = await reader.bytes(5);
  return { type: String.fromCharCode(head[0]), body: await reader.bytes(head.readInt32BE(1) - 4) };
}

function columnNames(body) {
  const names = [];
  let at = 2;
  while (names.length < body.readInt16BE(0)) {
    const end = body.indexOf(0, at);
    names.push(body.toString('utf8', at, end));
    /* Table, column, type, size, modifier, format. */
    at = end + 1 + 18;
  }
  return names;
}

function rowOf(columns, body) {
  let at = 2;
  const values = columns.map((name) => {
    const length = body.readInt32BE(at);
    const value = length < 0 ? null : body.toString('utf8', at + 4, at + 4 + length);
    at += 4 + Math.max(length, 0);
    return [name, value];
  });
  return Object.fromEntries(values);
}

function errorOf(body) {
  const fields = body.toString('utf8').split('\0').filter(Boolean);
  const field = (letter) => fields.find((f) => f[0] === letter)?.slice(1) ?? '';
  const fatal = ['FATAL', 'PANIC'].includes(field('V') || field('S'));
  return Object.assign(new Error(`postgres: ${field('M')}`), { answered: !fatal, fatal, code: field('C') });
}

function framed(type, ...parts) {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

function parameter(value) {
  const bytes = Buffer.from(String(value));
  return Buffer.concat([int32(bytes.length), bytes]);
}

function text(value) {
  return Buffer.from(`${value}\0`);
}

function int16(value) {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
