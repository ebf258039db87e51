/**
 * Which files a container opens and writes below mounts of it (ContainerSpec.noteOpens), as the kernel has noted them.
 *
 * `berth-executor opened` beside the engine reads the notes; it ends with the
 * container or with the signal, and a later one goes on where it was.
 */
import { spawn } from 'node:child_process';

export type OpenedNote =
  /** Each once for a path. */
  | { readonly kind: 'opened' | 'written'; readonly target: string; readonly path: string }
  /** Closed after writing, every time. */
  | { readonly kind: 'closed'; readonly target: string; readonly path: string; readonly file: string }
  /** The kernel had no room for some. */
  | { readonly kind: 'lost' };

export type OpenedOptions = {
  readonly stateDir: string;
  /** Destinations of mounts, as they were noted. */
  readonly targets: readonly string[];
  readonly onNotes: (notes: readonly OpenedNote[]) => void;
  readonly signal: AbortSignal;
};

const KINDS = { o: 'opened', w: 'written' } as const;

/** Resolves when it is over: undefined, or what kept it from reading. */
export function readOpened(executor: string, options: OpenedOptions): Promise<string | undefined> {
  const { stateDir, targets, onNotes, signal } = options;
  if (signal.aborted) return Promise.resolve(undefined);
  const child = spawn(executor, ['opened', stateDir, ...targets], { env: {}, stdio: ['pipe', 'pipe', 'pipe'] });
  const stop = () => child.kill('SIGKILL');
  signal.addEventListener('abort', stop, { once: true });
  child.stdin.on('error', () => {});
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\0');
    const whole = parts.length - ((parts.length - 1) % 3) - 1;
    rest = parts.slice(whole).join('\0');
    onNotes(parseNotes(parts.slice(0, whole), targets));
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      signal.removeEventListener('abort', stop);
      resolve(code === 0 || signal.aborted ? undefined : complaint.trim().replace(/^opened: /, ''));
    });
  });
}

/** Three parts a note: see opened.c. */
function parseNotes(parts: readonly string[], targets: readonly string[]): OpenedNote[] {
  const notes: OpenedNote[] = [];
  for (let i = 0; i + 2 < parts.length; i += 3) {
    const [head, path, extra] = parts.slice(i, i + 3) as [string, string, string];
    const kind = head[0];
    const target = targets[Number(head.slice(2))] ?? '';
    if (kind === '!') notes.push({ kind: 'lost' });
    else if (kind === 'c') notes.push({ kind: 'closed', target, path, file: extra });
    else if (kind === 'o' || kind === 'w') notes.push({ kind: KINDS[kind], target, path });
  }
  return notes;
}
