/** zstd by the program of that name: Node 20 has none. */
import { execFileSync } from 'node:child_process';

export function zstdCompressSync(bytes: Buffer): Buffer {
  return execFileSync('zstd', ['-c', '-q'], { input: bytes, maxBuffer: 1 << 28 });
}
