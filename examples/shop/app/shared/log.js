/** One line to standard output; the time is added by whoever keeps the log. */
export function log(text) {
  process.stdout.write(`${text}\n`);
}
