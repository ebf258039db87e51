/**
 * The two streams of a command: answers on stdout, progress and errors on stderr.
 *
 * The only place that writes to them. A reader that goes away (`| head`) ends
 * the command quietly, as it ends any Unix program.
 */

/** One line of the answer. */
export function printLine(text = ''): void {
  process.stdout.write(`${text}\n`);
}

/** Bytes of the answer; resolves when the stream has taken them, or nobody wants to wait for that any more. */
export function printBytes(data: Buffer | string, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (data.length === 0 || signal?.aborted) return resolve();
    if (process.stdout.write(data, () => {})) return resolve();
    const done = () => {
      process.stdout.off('drain', done);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    process.stdout.once('drain', done);
    signal?.addEventListener('abort', done, { once: true });
  });
}

/** One line of progress or of an error. */
export function noteLine(text = ''): void {
  process.stderr.write(`${text}\n`);
}

let isGuarded = false;

/**
 * Ends the command when its answer can not be written: quietly, with the shell's code for SIGPIPE, when nobody reads it
 * any more; else (a full disk) with an error.
 */
export function endOnClosedPipe(): void {
  if (isGuarded) return;
  isGuarded = true;
  /* First of all listeners: oclif's own swallows the error, and the command would wait for ever. */
  process.stdout.prependListener('error', endUnwritten);
  process.stderr.prependListener('error', endUnwritten);
}

function endUnwritten(error: NodeJS.ErrnoException): never {
  if (error.code === 'EPIPE') process.exit(141);
  noteLine(`error: the answer can not be written: ${error.message}`);
  process.exit(1);
}
