/**
 * Questions to the person at the terminal; what is secret is not shown while it is typed.
 */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { BerthError } from '../base/errors.ts';

export async function askPerson(question: string, { secret = false } = {}): Promise<string> {
  if (!process.stdin.isTTY) {
    throw new BerthError(
      'USAGE',
      `${question.trim().replace(/:$/, '').toLowerCase()} is needed, and there is no terminal to ask on`,
      {
        hint: 'give --username NAME and --password-stdin',
      },
    );
  }
  process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: secret ? silent : process.stderr, terminal: true });
  try {
    return await new Promise((resolve, reject) => {
      lines.once('line', resolve);
      lines.once('SIGINT', () => reject(new BerthError('ABORTED', 'interrupted')));
      lines.once('close', () => reject(new BerthError('ABORTED', 'interrupted')));
    });
  } finally {
    lines.close();
    if (secret) process.stderr.write('\n');
  }
}

/** All of stdin, without the newline at its end. */
export async function readStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks)
    .toString()
    .replace(/\r?\n$/, '');
}
