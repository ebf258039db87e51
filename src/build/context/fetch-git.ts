/**
 * A git repository as a context: `URL#REF:FOLDER`, fetched by the machine's git into a folder that is gone afterwards.
 *
 * Nothing of the repository is executed: no hooks, no submodules' commands, no
 * filters of its own configuration.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, rm } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { BerthError } from '../../base/errors.ts';
import { ignorePatterns } from '../../base/ignore-patterns.ts';
import { runCommand } from '../../base/run-command.ts';
import { withoutPassword } from './fetch-url.ts';
import type { FolderContext } from './folder-context.ts';

export type GitOptions = {
  readonly folder: string;
  readonly keepGitDir: boolean;
  /** Must be what was asked for; null: not checked. */
  readonly commit: string | null;
  readonly signal: AbortSignal;
};

export type FetchedRepository = {
  readonly context: FolderContext;
  readonly commit: string;
  discard(): Promise<void>;
};

export type GitUrl = { readonly remote: string; readonly ref: string; readonly folder: string };

/** `#REF:FOLDER` or `?ref=REF&subdir=FOLDER`. BUILD_FAILED for a folder that leads out. */
export function parseGitUrl(text: string): GitUrl {
  const [whole = '', fragment = ''] = text.split('#', 2);
  const [remote = '', query = ''] = whole.split('?', 2);
  const asked = new URLSearchParams(query);
  const [refPart = '', folderPart = ''] = fragment.split(':', 2);
  const ref = asked.get('ref') ?? asked.get('tag') ?? asked.get('branch') ?? asked.get('commit') ?? refPart;
  const folder = asked.get('subdir') ?? folderPart;
  if (folder.split('/').includes('..')) {
    throw new BerthError('BUILD_FAILED', `${withoutPassword(text)}: the folder leads out of the repository`);
  }
  if (ref.startsWith('-') || remote.startsWith('-')) {
    throw new BerthError('BUILD_FAILED', `${withoutPassword(text)} is no repository`);
  }
  return { remote, ref, folder: posix.normalize(`/${folder}`).slice(1).replace(/\/$/, '') };
}

const SAFE = ['-c', 'core.hooksPath=/dev/null', '-c', 'protocol.ext.allow=never', '-c', 'core.fsmonitor=false'];

/** BUILD_FAILED with git's own words. */
export async function fetchGit(url: string, options: GitOptions): Promise<FetchedRepository> {
  const { remote, ref, folder } = parseGitUrl(url);
  const work = join(options.folder, 'work');
  const root = join(work, `git-${randomBytes(8).toString('hex')}`);
  const discard = () => rm(root, { recursive: true, force: true });
  const git = async (...args: string[]) =>
    (await runCommand('git', [...SAFE, '-C', root, ...args], { signal: options.signal })).stdout.trim();
  await mkdir(root, { recursive: true, mode: 0o700 });
  try {
    await git('init', '-q', '-b', 'main');
    await git('remote', 'add', 'origin', remote);
    await fetchRef(git, ref);
    await git('checkout', '-q', '--detach', 'FETCH_HEAD');
    await git('submodule', 'update', '-q', '--init', '--recursive', '--depth=1');
    const commit = await git('rev-parse', 'HEAD');
    if (options.commit !== null && !commit.startsWith(options.commit)) {
      throw new BerthError('BUILD_FAILED', `${withoutPassword(url)} is at ${commit}, not at ${options.commit}`);
    }
    await chmod(root, 0o755);
    if (!options.keepGitDir) await rm(join(root, '.git'), { recursive: true, force: true });
    const top = join(root, folder);
    if (!existsSync(top)) throw new BerthError('BUILD_FAILED', `${withoutPassword(url)} has no folder ${folder}`);
    const context = { title: withoutPassword(url), root: top, ignore: ignorePatterns([]) };
    return { context, commit, discard };
  } catch (error) {
    await discard();
    throw readable(error, url);
  }
}

/** A branch or tag at once; a commit by itself where the server gives it, else out of everything. */
async function fetchRef(git: (...args: string[]) => Promise<string>, ref: string): Promise<void> {
  const wanted = ref === '' ? 'HEAD' : ref;
  try {
    await git('fetch', '-q', '--depth=1', 'origin', wanted);
  } catch (error) {
    if (!/^[0-9a-f]{7,40}$/.test(ref)) throw error;
    await git('fetch', '-q', 'origin');
    await git('fetch', '-q', '.', ref);
  }
}

function readable(error: unknown, url: string): unknown {
  if (!(error instanceof BerthError) || error.code !== 'COMMAND_FAILED') return error;
  const why = withoutPassword(error.message.split('failed: ').at(-1) ?? '').replace(/^(fatal|error): /, '');
  return new BerthError('BUILD_FAILED', `${withoutPassword(url)} can not be fetched: ${why}`, { cause: error });
}
