/**
 * One commit of a git repository as plain files: without its history, its submodules and its `.git`.
 */
import { join } from 'node:path';
import { BerthError } from '../base/errors.ts';
import { askServer, type GitRun, onDisk } from './run-git.ts';
import type { Work } from './source-cache.ts';

const MAX_BYTES = 512 * 1024 * 1024;
const MAX_FILES = 50_000;

/** The commit that the branch or tag is at now. SOURCE_FAILED when there is none. */
export async function findCommit(run: GitRun): Promise<string> {
  const { ref, remote } = run.source;
  const names = ref === '' ? ['HEAD'] : [`refs/tags/${ref}^{}`, `refs/tags/${ref}`, `refs/heads/${ref}`, ref];
  const lines = (await askServer(run, ['ls-remote', '--', remote, ...names])).split('\n');
  const heads = new Map(lines.map((line) => line.split('\t')).map(([commit, name]) => [name, commit]));
  const commit = names.map((name) => heads.get(name)).find((one) => one !== undefined);
  if (commit !== undefined && /^[0-9a-f]{40}$/.test(commit)) return commit;
  const hint = /^[0-9a-f]{7,39}$/.test(ref) ? 'write all 40 digits of a commit' : 'name a branch, a tag or a commit';
  throw failed(run, `it has no ${ref === '' ? 'branch' : ref}`, hint);
}

/** SOURCE_FAILED; the limits are of size, number and time. */
export async function fetchCommit(run: GitRun, commit: string, { files, scratch }: Work): Promise<void> {
  const store = `--git-dir=${join(scratch, 'git')}`;
  await onDisk(run, [store, 'init', '-q', '--bare', '--template=']);
  const fetch = ['fetch', '-q', '--depth=1', '--no-tags', '--no-recurse-submodules', '--', run.source.remote];
  await askServer(run, [store, ...fetch, commit]);
  await refuseLarge(run, store, commit);
  /* A tree of its own that git looks for no configuration in; `--bare` above is for the store alone. */
  const tree = ['-c', 'core.bare=false', store, `--work-tree=${files}`, '-C', files];
  await onDisk(run, [...tree, '-c', 'core.autocrlf=false', 'checkout', '-q', '-f', '--detach', commit]);
}

/** Counted before anything is written: a small pack can hold very much. */
async function refuseLarge(run: GitRun, store: string, commit: string): Promise<void> {
  const listing = await onDisk(run, [store, 'ls-tree', '-r', '-l', commit]);
  let bytes = 0;
  let count = 0;
  for (const line of listing.trimEnd().split('\n')) {
    count += 1;
    bytes += Number(/^\d+ blob \S+ +(\d+)/.exec(line)?.[1] ?? 0);
  }
  if (bytes <= MAX_BYTES && count <= MAX_FILES) return;
  throw failed(run, `it has ${count} files of ${bytes} bytes`, `at most ${MAX_FILES} files and 512 MiB are fetched`);
}

function failed({ source }: GitRun, why: string, hint: string): BerthError {
  return new BerthError('SOURCE_FAILED', `${source.title} can not be fetched: ${why}`, { hint });
}
