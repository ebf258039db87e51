/**
 * Frames of ctl.sock: `u8 type, 3 zero bytes, u32 big-endian length, payload` (Docker's stream header).
 *
 * Owns the bytes only; what a frame means is monitor-client.ts.
 */
export const FRAME = { stdin: 0, stdout: 1, stderr: 2, exit: 3, command: 4, answer: 5, event: 6 } as const;

export type Frame = { readonly type: number; readonly payload: Buffer };

const HEADER_BYTES = 8;
/** A monitor sends pieces of at most 64 KiB; more means that we lost our place in the stream. */
const MAX_PAYLOAD_BYTES = 16 * 1024 * 1024;

/** The bytes of one frame. */
export function encodeFrame(type: number, payload: Buffer | string): Buffer {
  const body = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(type, 0);
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
}

/** A function that takes the stream piece by piece and gives back the frames that are complete. */
export function frameReader(): (chunk: Buffer) => Frame[] {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const frames: Frame[] = [];
    let at = 0;
    while (rest.length - at >= HEADER_BYTES) {
      const length = rest.readUInt32BE(at + 4);
      if (length > MAX_PAYLOAD_BYTES) throw new Error(`frame of ${length} bytes from a monitor`);
      const end = at + HEADER_BYTES + length;
      if (rest.length < end) break;
      frames.push({ type: rest.readUInt8(at), payload: rest.subarray(at + HEADER_BYTES, end) });
      at = end;
    }
    rest = rest.subarray(at);
    return frames;
  };
}
