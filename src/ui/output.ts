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

/** Bytes of the answer; resolves when the stream has taken them. */
export function printBytes(data: Buffer | string): Promise<void> {
  return new Promise((resolve) => {
    if (process.stdout.write(data, () => {})) resolve();
    else process.stdout.once('drain', resolve);
  });
}

/** One line of progress or of an error. */
export function noteLine(text = ''): void {
  process.stderr.write(`${text}\n`);
}

/** Ends the command with the shell's code for SIGPIPE when nobody reads its answer any more. */
export function endOnClosedPipe(): void {
  if (process.stdout.listenerCount('error') > 0) return;
  const end = (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(141);
    throw error;
  };
  process.stdout.on('error', end);
  process.stderr.on('error', end);
}
