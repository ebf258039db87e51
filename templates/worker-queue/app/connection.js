/**
 * One connection that is made when first needed and again after it broke; questions go through it one by one.
 *
 * `open` makes the connection, `ask` sends one question and reads its answer.
 */
import { connect } from 'node:net';

const TIMEOUT_MS = 3000;

export function connection({ host, port, open, ask }) {
  let current;
  let last = Promise.resolve();

  const once = async (question) => {
    if (!current || isLeft(current.socket)) current = await dial(host, port, open);
    const { socket, session } = current;
    try {
      return await within(socket, ask(session, question));
    } catch (error) {
      /* An error the server answered leaves the protocol in step; any other leaves it anywhere. */
      if (!error.answered) {
        socket.destroy();
        current = undefined;
      }
      throw error;
    }
  };

  return {
    ask(question) {
      const answer = last.then(() => once(question));
      last = answer.catch(() => {});
      return answer;
    },
  };
}

/** A server that ends says so, or closes, while nothing was asked: not worth a failed question. */
function isLeft(socket) {
  return socket.readableLength > 0 || socket.readableEnded || socket.destroyed;
}

async function dial(host, port, open) {
  const socket = connect({ host, port, noDelay: true });
  await within(socket, new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject)));
  /* Whoever reads from the socket hears of it. */
  socket.on('error', () => {});
  return { socket, session: await within(socket, open(socket)) };
}

/** A server that is silent for too long has its connection cut, which ends what waits for it. */
async function within(socket, promise) {
  const timer = setTimeout(() => socket.destroy(new Error('the server does not answer')), TIMEOUT_MS);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}
