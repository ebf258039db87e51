/** Node scripts that run inside the namespaces of a test. */

/** HTTP on the given port: `NAME sees CLIENT`. */
export const HTTP_SERVER = `const [name, port] = process.argv.slice(1);
require('node:http').createServer((q, s) => s.end(name + ' sees ' + q.socket.remoteAddress.replace('::ffff:', '')))
  .listen(+port, '0.0.0.0', () => console.log('ready'));`;

/** Sends each datagram back with the name before it. */
export const UDP_SERVER = `const [name, port] = process.argv.slice(1);
const s = require('node:dgram').createSocket('udp4');
s.on('message', (m, c) => s.send(name + ' got ' + m, c.port, c.address));
s.bind(+port, () => console.log('ready'));`;

/** Sends one datagram and prints the answer, or `silence`. */
export const UDP_CLIENT = `const [address, port, text] = process.argv.slice(1);
const s = require('node:dgram').createSocket(address.includes(':') ? 'udp6' : 'udp4');
const end = (t) => { console.log(t); process.exit(); };
s.on('message', (m) => end(String(m)));
s.on('error', () => end('silence'));
setTimeout(end, 1500, 'silence');
s.send(text, +port, address);`;

/** A client of UDP that sends from one port of its own all the time: a line of text in, the answer or `silence` out. */
export const UDP_TALKER = `const [address, port] = process.argv.slice(1);
const s = require('node:dgram').createSocket('udp4');
const lines = require('node:readline').createInterface({ input: process.stdin });
s.bind(0, () => lines.on('line', (text) => {
  const timer = setTimeout(() => console.log('silence'), 1500);
  s.once('message', (m) => { clearTimeout(timer); console.log(String(m)); });
  s.send(text, +port, address);
}));`;

/** Waits for the client to say all, then sends as many bytes as were asked for and ends. */
export const BULK_SERVER = `require('node:net').createServer({ allowHalfOpen: true }, (c) => {
  let asked = '';
  c.on('data', (d) => { asked += d; });
  c.on('end', () => c.end(Buffer.alloc(+asked)));
  c.on('error', () => {});
}).listen(+process.argv[1], '0.0.0.0', () => console.log('ready'));`;

/** Asks for a number of bytes, ends its own side, reads slowly, prints how many came. */
export const BULK_CLIENT = `const [address, port, bytes] = process.argv.slice(1);
let got = 0;
const c = require('node:net').connect({ host: address, port: +port, allowHalfOpen: true });
c.end(bytes);
c.on('readable', () => setTimeout(() => { let d; while ((d = c.read(65536) ?? c.read())) got += d.length; }, 5));
c.on('error', (e) => { console.log(e.code, got); process.exit(); });
c.on('end', () => { console.log(got); process.exit(); });`;

/** Listens (TCP) or is bound (UDP), for ever. */
export const PORT_HOLDER = `const [protocol, address, port] = process.argv.slice(1);
if (protocol === 'tcp') require('node:net').createServer().listen(+port, address, () => console.log('ready'));
else require('node:dgram').createSocket('udp4').bind(+port, address, () => console.log('ready'));`;

/** A name server: knows every name with a dot as 203.0.113.7; `junk` gets a single byte, `long` only by TCP. */
export const UPSTREAM = `const net = require('node:net');
const answer = (q) => {
  let end = 12;
  while (q[end] !== 0) end += q[end] + 1;
  const name = q.subarray(13, 13 + q[12]).toString();
  const dotted = q[13 + q[12]] !== 0;
  const head = Buffer.from([q[0], q[1], 0x81, dotted ? 0x80 : 0x83, 0, 1, 0, dotted ? 1 : 0, 0, 0, 0, 0]);
  const record = Buffer.from('c00c00010001000000050004cb007107', 'hex');
  return { name, packet: Buffer.concat([head, q.subarray(12, end + 5), dotted ? record : Buffer.alloc(0)]) };
};
const udp = require('node:dgram').createSocket('udp4');
udp.on('message', (q, c) => {
  const { name, packet } = answer(q);
  if (name === 'long') { packet[2] |= 2; packet[7] = 0; }
  udp.send(name === 'junk' ? Buffer.from([q[0]]) : name === 'long' ? packet.subarray(0, -16) : packet, c.port, c.address);
});
net.createServer((c) => c.on('data', (d) => {
  const { packet } = answer(d.subarray(2));
  c.write(Buffer.concat([Buffer.from([packet.length >> 8, packet.length & 255]), packet]));
}).on('error', () => {})).listen(53, () => udp.bind(53, () => console.log('ready')));`;

/** Prints the addresses of a name as one name server gives them, or the code of its refusal. */
export const RESOLVE = `const [server, name, type] = process.argv.slice(1);
const r = new (require('node:dns').promises.Resolver)({ timeout: 1500, tries: 1 });
r.setServers([server]);
r.resolve(name, type || 'A').then((a) => console.log(a.sort().join(' ')), (e) => console.log(e.code));`;

/** Counts the datagrams that come to a port, and tells the number by HTTP on the same port. */
export const COUNTER = `const port = +process.argv[1];
let count = 0;
const s = require('node:dgram').createSocket('udp4');
s.on('message', () => { count++; });
s.bind(port, () => require('node:http').createServer((q, r) => r.end(String(count)))
  .listen(port, '127.0.0.1', () => console.log('ready')));`;

/**
 * A name server with a fault, on one address: `silent`, `closed` (TCP alone), `failing` (SERVFAIL), `lying` (answers to
 * other questions and with other ids before the right one). Answers 203.0.113.9 to everything.
 */
export const FAULTY_UPSTREAM = `const [mode, address] = process.argv.slice(1);
const net = require('node:net');
const reply = (q, data, more = {}) => {
  let end = 12;
  while (q[end] !== 0) end += q[end] + 1;
  const head = Buffer.from([q[0] ^ (more.id || 0), q[1], 0x81, 0x80 | (more.rcode || 0), 0, 1, 0, data ? 1 : 0, 0, 0, 0, 0]);
  const question = Buffer.from(q.subarray(12, end + 5));
  if (more.name) question[1] ^= 1;
  const record = Buffer.from('c00c00010001000000050004' + (data || ''), 'hex');
  return Buffer.concat([head, question, data ? record : Buffer.alloc(0)]);
};
const udp = require('node:dgram').createSocket('udp4');
udp.on('message', (q, c) => {
  const send = (packet) => udp.send(packet, c.port, c.address);
  if (mode === 'failing') send(reply(q, '', { rcode: 2 }));
  if (mode === 'lying') {
    send(reply(q, 'cb007166', { id: 1 }));
    send(reply(q, 'cb007166', { name: true }));
    send(q);
    send(reply(q, 'cb007109'));
  }
});
const ready = () => console.log('ready');
if (mode === 'closed') {
  net.createServer((c) => c.on('data', (d) => {
    const packet = reply(d.subarray(2), 'cb007109');
    c.write(Buffer.concat([Buffer.from([packet.length >> 8, packet.length & 255]), packet]));
  }).on('error', () => {})).listen(53, address, ready);
} else udp.bind(53, address, ready);`;

/** Asks many names that nobody answers, then one of ours: prints what came first. */
export const ASK_IN_BETWEEN = `const [server, name] = process.argv.slice(1);
const { Resolver } = require('node:dns').promises;
const one = () => { const r = new Resolver({ timeout: 9000, tries: 1 }); r.setServers([server]); return r; };
let ended = 0;
for (let n = 0; n < 200; n++) one().resolve4('n' + n + '.example.org').then(() => ended++, () => ended++);
setTimeout(() => one().resolve4(name).then((a) => { console.log(a + ' after ' + ended); process.exit(0); },
  (e) => { console.log(e.code); process.exit(0); }), 100);`;

/**
 * Asks one name server COUNT times for the names of a list, WIDTH at once: `NAME=ADDRESS,...`, an empty address means that
 * there is none. Prints how many answers were right, wrong, failures, and how often it had to ask again.
 */
export const ASK_MANY = `const [server, list, count, width] = process.argv.slice(1);
const names = list.split(',').map((pair) => pair.split('='));
const udp = require('node:dgram').createSocket('udp4');
const waiting = new Map();
const seen = { right: 0, wrong: 0, failed: 0, again: 0 };
let next = 0;
const queryOf = (id, name) => Buffer.concat([Buffer.from([id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
  ...name.split('.').map((l) => Buffer.concat([Buffer.from([l.length]), Buffer.from(l)])), Buffer.from([0, 0, 1, 0, 1])]);
const send = (id) => {
  const entry = waiting.get(id);
  udp.send(entry.query);
  entry.timer = setTimeout(() => { seen.again++; send(id); }, 2000);
};
const ask = () => {
  if (next >= +count) return;
  const id = next % 65536, [name, address] = names[next % names.length];
  next++;
  waiting.set(id, { address, query: queryOf(id, name) });
  send(id);
};
udp.on('message', (m) => {
  const id = m.readUInt16BE(0), entry = waiting.get(id);
  if (!entry) return;
  clearTimeout(entry.timer);
  waiting.delete(id);
  const rcode = m[3] & 15, answers = m.readUInt16BE(6);
  const got = answers > 0 ? [...m.subarray(m.length - 4)].join('.') : '';
  if (rcode === 2) seen.failed++;
  else if (entry.address === '' ? rcode === 3 && answers === 0 : rcode === 0 && got === entry.address) seen.right++;
  else seen.wrong++;
  ask();
  if (waiting.size === 0) { console.log(JSON.stringify(seen)); process.exit(0); }
});
udp.connect(53, server, () => { for (let n = 0; n < +width; n++) ask(); });`;
