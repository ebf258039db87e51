/**
 * A TCP ping-pong of 64 bytes: `serve PORT`, or `HOST PORT ROUNDS`, which prints p50 and p99 in microseconds as JSON.
 */
import { connect, createServer } from 'node:net';

const SIZE = 64;
const [host, port, rounds] = process.argv.slice(2);
if (host === 'serve')
  createServer({ noDelay: true }, (socket) => socket.on('error', () => {}).pipe(socket)).listen(
    Number(port),
    '0.0.0.0',
  );
else measure(Number(rounds));

function measure(rounds) {
  const socket = connect({ host, port: Number(port), noDelay: true });
  const message = Buffer.alloc(SIZE);
  const times = [];
  let sentAt = 0n;
  let missing = 0;
  const send = () => {
    missing = SIZE;
    sentAt = process.hrtime.bigint();
    socket.write(message);
  };
  socket.once('connect', send).on('data', (data) => {
    missing -= data.length;
    if (missing > 0) return;
    times.push(Number(process.hrtime.bigint() - sentAt) / 1000);
    if (times.length < rounds) return send();
    socket.destroy();
    times.sort((a, b) => a - b);
    const at = (part) => times[Math.floor((times.length - 1) * part)];
    process.stdout.write(`${JSON.stringify({ p50: at(0.5), p99: at(0.99) })}\n`);
  });
}
