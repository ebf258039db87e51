import { expect, test } from 'vitest';
import { encodeFrame, FRAME, frameReader } from '../../../src/runtime/frames.ts';

const print = (frames: readonly { type: number; payload: Buffer }[]) =>
  frames.map(({ type, payload }) => `${type}:${payload.toString()}`);

test('a frame is type, three zero bytes, length, payload', () => {
  expect(encodeFrame(FRAME.command, 'ping').toString('hex')).toBe(
    `04000000${'00000004'}${Buffer.from('ping').toString('hex')}`,
  );
});

test('a frame may be empty: the end of stdin', () => {
  expect(encodeFrame(FRAME.stdin, Buffer.alloc(0)).toString('hex')).toBe('0000000000000000');
});

test('several frames in one piece come out in order', () => {
  const stream = Buffer.concat([encodeFrame(1, 'out'), encodeFrame(2, ''), encodeFrame(3, '0 0 0 1 2')]);

  expect(print(frameReader()(stream))).toEqual(['1:out', '2:', '3:0 0 0 1 2']);
});

test('a frame that comes byte by byte is given back when it is whole', () => {
  const read = frameReader();
  const bytes = [...encodeFrame(1, 'out'), ...encodeFrame(5, 'ok')];

  const found = bytes.map((byte) => print(read(Buffer.from([byte]))));

  expect(found.flat()).toEqual(['1:out', '5:ok']);
  expect(found[10]).toEqual(['1:out']);
});

test('a payload keeps its bytes when the next piece comes', () => {
  const read = frameReader();
  const [first] = read(Buffer.concat([encodeFrame(1, 'kept'), encodeFrame(1, 'next').subarray(0, 5)]));

  read(encodeFrame(1, 'next').subarray(5));

  expect(first!.payload.toString()).toBe('kept');
});

test('a length that no monitor sends is an error and not a wait for gigabytes', () => {
  const header = Buffer.from([1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]);

  expect(() => frameReader()(header)).toThrow('frame of 4294967295 bytes');
});
