/**
 * Bytes of a socket, read as a protocol wants them: so many, or up to a line's end.
 */
export function byteReader(socket) {
  const chunks = socket[Symbol.asyncIterator]();
  let buffered = Buffer.alloc(0);

  const more = async () => {
    const { done, value } = await chunks.next();
    if (done) throw new Error('the connection was closed');
    buffered = Buffer.concat([buffered, value]);
  };

  const cut = (length) => {
    const head = buffered.subarray(0, length);
    buffered = buffered.subarray(length);
    return head;
  };

  return {
    async bytes(length) {
      while (buffered.length < length) await more();
      return cut(length);
    },

    /** Without its CR LF. */
    async line() {
      while (!buffered.includes('\r\n')) await more();
      return cut(buffered.indexOf('\r\n') + 2)
        .subarray(0, -2)
        .toString('utf8');
    },
  };
}
