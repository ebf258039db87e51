/**
 * The quick way for what scripts call by the hundred: `ps`, `exec` without a terminal, an `up -d` that changes nothing.
 *
 * No oclif, no HTTP client, nothing that is not needed. Whatever it does not
 * know (another flag, no engine, a terminal) it leaves to the ordinary way,
 * which means the same; it never decides anything on its own.
 */
import { isPlainUp } from './api/up-key.ts';
import { BerthError } from './base/errors.ts';
import { execQuickly, parseExec } from './quick-exec.ts';
import { parsePs, psQuickly } from './quick-ps.ts';
import { upQuickly } from './quick-up.ts';
import { SourcesWanted } from './stackfile/remote-files.ts';
import { endOnClosedPipe } from './ui/output.ts';
import { printError } from './ui/print-error.ts';

/** true when it has done the whole command. */
export async function quick(argv: readonly string[]): Promise<boolean> {
  if (argv[0] === 'up') return await quickUp(argv.slice(1));
  return argv[0] === 'ps' ? await quickPs(argv.slice(1)) : await quickExec(argv.slice(1));
}

/** Nothing has been done when it fails: the ordinary way does it. */
async function quickUp(argv: readonly string[]): Promise<boolean> {
  if (!isPlainUp(argv)) return false;
  endOnClosedPipe();
  return await upQuickly(argv).catch(() => false);
}

/** Nothing has been printed when it fails: the ordinary way says why. */
async function quickPs(argv: readonly string[]): Promise<boolean> {
  const parsed = parsePs(argv);
  if (!parsed) return false;
  endOnClosedPipe();
  return await psQuickly(parsed).catch(() => false);
}

async function quickExec(argv: readonly string[]): Promise<boolean> {
  if (process.stdin.isTTY && process.stdout.isTTY && !argv.includes('-T')) return false;
  const parsed = parseExec(argv);
  if (!parsed) return false;
  endOnClosedPipe();
  try {
    return await execQuickly(parsed);
  } catch (error) {
    /* Fetching and asking is the ordinary way's; nothing has been done yet. */
    if (error instanceof SourcesWanted) return false;
    printError(error);
    process.exitCode = error instanceof BerthError ? error.exitCode : 1;
    return true;
  }
}
