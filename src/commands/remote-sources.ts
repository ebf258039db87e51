/**
 * Loading with stack files of other machines: what the loader lacks is fetched, when the person agrees, and it loads again.
 *
 * A stack file decides what runs on this machine as root; so nothing is
 * fetched that nobody agreed to: on the terminal, by --yes, or by
 * BERTH_REMOTE_SOURCES.
 */
import { BerthError } from '../base/errors.ts';
import { rootsFromEnvironment } from '../base/roots.ts';
import { forgetInputs } from '../stackfile/input-files.ts';
import { type Sources, SourcesWanted, sourceError, type Wanted } from '../stackfile/remote-files.ts';
import { confirm } from '../ui/confirm.ts';

export type Fetching = {
  readonly yes: boolean;
  /** What was fetched the last time is enough: for commands that only look for a name. */
  readonly lastIsEnough?: boolean;
};

/** More is a file that names itself in ever new ways. */
const MAX_SOURCES = 100;

/** What `load` returns; SOURCE_FAILED and SOURCE_NOT_ALLOWED with the line that names the source. */
export async function withSources<T>(fetching: Fetching, load: (sources: Sources) => T | Promise<T>): Promise<T> {
  const sources = new Map<string, { readonly root: string; readonly path: string }>();
  for (;;) {
    try {
      return await load(sources);
    } catch (error) {
      if (!(error instanceof SourcesWanted)) throw error;
      /* A branch may be elsewhere the next time, while all files on this disk are as they were. */
      forgetInputs();
      for (const wanted of error.wanted) sources.set(wanted.reference, await fetchWanted(wanted, fetching));
      if (sources.size > MAX_SOURCES) {
        throw sourceError(error.wanted[0]!, 'SOURCE_FAILED', `is one of more than ${MAX_SOURCES} sources`);
      }
    }
  }
}

async function fetchWanted(wanted: Wanted, { yes, lastIsEnough }: Fetching) {
  const { fetchSource } = await import('../source/fetch-source.ts');
  const { data } = rootsFromEnvironment(process.env, process.geteuid?.() ?? 0);
  const consent = async (title: string, version: string | undefined) => await agree(wanted, { title, version, yes });
  try {
    return await fetchSource(wanted.reference, { dataRoot: data, env: process.env, consent, lastIsEnough });
  } catch (error) {
    if (!(error instanceof BerthError) || error.at !== undefined || wanted.where.at === undefined) throw error;
    const { code, message, hint } = error;
    const diagnostics = [{ severity: 'error' as const, message, hint, ...wanted.where }];
    throw new BerthError(code, message, { hint, at: wanted.where.at, diagnostics, cause: error });
  }
}

type Question = { readonly title: string; readonly version: string | undefined; readonly yes: boolean };

async function agree(wanted: Wanted, { title, version, yes }: Question): Promise<void> {
  const said = process.env.BERTH_REMOTE_SOURCES ?? '';
  if (!['', 'ask', 'allow', 'deny'].includes(said)) {
    throw new BerthError('USAGE', `BERTH_REMOTE_SOURCES is ${said}`, { hint: 'it is ask, allow or deny' });
  }
  const refuse = (why: string, hint?: string) => sourceError(wanted, 'SOURCE_NOT_ALLOWED', why, hint);
  if (said === 'deny') throw refuse('is on another machine, and BERTH_REMOTE_SOURCES=deny forbids to fetch it');
  if (yes || said === 'allow') return;
  const what =
    version === undefined ? 'has not been fetched before' : `is at ${version.slice(0, 12)}, not fetched before`;
  if (!process.stdin.isTTY) throw refuse(`${what}, and nobody can be asked`, ALLOW);
  const isFine = await confirm(`${title} ${what}. What it says is run on this machine. Fetch it?`, '--yes');
  if (!isFine) throw refuse('was not fetched: you said no');
}

const ALLOW = 'add --yes, or set BERTH_REMOTE_SOURCES=allow, if you trust whoever can write there';
