/** Two connections as one: what comes in goes out of the other, and they end together. */
import type { Duplex } from 'node:stream';

export function joinSockets(one: Duplex, other: Duplex): void {
  const close = () => {
    one.destroy();
    other.destroy();
  };
  for (const socket of [one, other]) socket.on('error', () => {}).on('close', close);
  one.pipe(other).pipe(one);
}
