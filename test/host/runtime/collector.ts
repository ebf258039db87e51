/** What an attached client has been sent so far. */
import type { AttachStream } from '../../../src/runtime/runtime.ts';
import type { ExitRecord } from '../../../src/runtime/spec.ts';
import { eventually } from './eventually.ts';

export type Collector = {
  readonly stdout: string;
  readonly stderr: string;
  /** The exit frame; undefined before it came. */
  readonly exit: ExitRecord | undefined;
  readonly isClosed: boolean;
  /** Waits until stdout has `text` in it. */
  see(text: string): Promise<unknown>;
};

export function collect(stream: AttachStream): Collector {
  const seen = { stdout: '', stderr: '', exit: undefined as ExitRecord | undefined, isClosed: false };
  stream.onFrame((frame) => {
    if (frame.kind === 'exit') seen.exit = frame.exit;
    else if (frame.kind === 'closed') seen.isClosed = true;
    else seen[frame.kind] += frame.data.toString();
  });
  return Object.assign(seen, { see: (text: string) => eventually(() => seen.stdout.includes(text)) });
}
