/**
 * One op of an executor program, and how a program is written.
 *
 * Owns the text form of docs/executor.md ("Program"). Beside what the
 * executor reads, an op carries what people read when it fails: a phrase, and
 * the opaque origin of the part of the spec it was made for.
 */
export type Op = {
  readonly name: string;
  readonly args: readonly string[];
  /** What it does, for people, to be followed by "failed": `bind mount of /srv on /data`. */
  readonly phrase: string;
  readonly origin?: string;
};

/** An op whose phrase is its name unless a better one is given. */
export function op(name: string, args: readonly (string | number)[], phrase = name, origin?: string): Op {
  return { name, args: args.map(String), phrase, ...(origin === undefined ? {} : { origin }) };
}

/** `NAME NUL COUNT NUL ARG NUL ...`; an argument with a NUL in it is a bug or an attack, and refused. */
export function encodeProgram(ops: readonly Op[]): Buffer {
  const words = ops.flatMap(({ name, args }) => [name, String(args.length), ...args]);
  for (const word of words) {
    if (word.includes('\0')) throw new Error(`NUL byte in a program: ${JSON.stringify(word)}`);
  }
  return Buffer.from(words.map((word) => `${word}\0`).join(''), 'utf8');
}

/** One line an op, words that are not plain in quotes: what tests compare. */
export function printProgram(ops: readonly Op[]): string {
  return ops.map(({ name, args }) => [name, ...args.map(printWord)].join(' ')).join('\n');
}

function printWord(word: string): string {
  if (/^[0-9a-f]{200,}$/.test(word)) return `<${word.length / 2} bytes>`;
  return /^[\w@%+=:,./*?^-]+$/.test(word) ? word : JSON.stringify(word);
}
