/**
 * By which the engine knows an `up -d` again that was asked for before.
 */
import { createHash } from 'node:crypto';

const ALONE = new Set(['-d', '--detach', '--remove-orphans']);
const WITH_VALUE = new Set(['-f', '--file', '-p', '--project-name']);

/** Whether the quick way may be asked: in the background, and nothing in it that it does not know. */
export function isPlainUp(argv: readonly string[]): boolean {
  let detached = false;
  for (let at = 0; at < argv.length; at++) {
    const token = argv[at]!;
    if (WITH_VALUE.has(token)) at += 1;
    else if (token.startsWith('-') && !ALONE.has(token)) return false;
    detached ||= token === '-d' || token === '--detach';
  }
  return detached;
}

/** Of all that a request is made of beside files. */
export function upKey(argv: readonly string[], env: NodeJS.ProcessEnv, cwd: string): string {
  const variables = Object.entries(env).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([cwd, argv, variables]))
    .digest('hex');
}
