/** Records of a log as text, written and read back; for the tests of this folder. */
import { parseLogLine, splitRecords } from '../../../src/logs/log-line.ts';

export const record = (n: number, text: string, flag = 'F') =>
  `2026-01-01T00:00:00.${String(n).padStart(9, '0')}Z stdout ${flag} ${text}\n`;

export const texts = (bytes: Buffer) => [...splitRecords(bytes)].map((line) => parseLogLine(line)?.text.toString());

export async function all(pieces: AsyncIterable<Buffer>): Promise<(string | undefined)[]> {
  const result: (string | undefined)[] = [];
  for await (const piece of pieces) result.push(...texts(piece));
  return result;
}
