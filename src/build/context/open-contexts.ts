/**
 * The contexts of one build: folders as they are, repositories fetched when they are needed, and the Dockerfile in them.
 */
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { BerthError, errnoOf } from '../../base/errors.ts';
import { ignorePatterns, readIgnoreFile } from '../../base/ignore-patterns.ts';
import type { BuildRequest, ContextPlace } from '../build.ts';
import { type Dockerfile, readDockerfile } from '../dockerfile/stages.ts';
import { archiveOf } from '../files/archive.ts';
import type { BuildHost } from '../solve/solving.ts';
import { unpackContext } from './archive-context.ts';
import { fetchGit } from './fetch-git.ts';
import { type FetchedFile, fetchUrl } from './fetch-url.ts';
import type { FolderContext } from './folder-context.ts';

export type OpenContexts = {
  dockerfile(): Promise<{ readonly file: Dockerfile; readonly main: () => Promise<FolderContext> }>;
  /** The additional ones that are folders. */
  readonly folders: ReadonlyMap<string, () => Promise<FolderContext>>;
  close(): Promise<void>;
};

const MAX_DOCKERFILE = 16 * 1024 * 1024;
const MAX_IGNORE = 4 * 1024 * 1024;

export function openContexts(host: BuildHost, request: BuildRequest, signal: AbortSignal): OpenContexts {
  const closers: (() => Promise<void>)[] = [];
  const opened = new Map<ContextPlace, Promise<FolderContext>>();
  const files = new Map<string, Promise<FetchedFile>>();

  const open = (place: ContextPlace, title: string): Promise<FolderContext> => {
    const known = opened.get(place);
    if (known) return known;
    const promise = openPlace(place, title);
    opened.set(place, promise);
    return promise;
  };

  const openPlace = async (place: ContextPlace, title: string): Promise<FolderContext> => {
    if (place.kind === 'folder') return { title, root: checkedFolder(place.path), ignore: ignorePatterns([]) };
    if (place.kind === 'archive') return await openArchiveAt(place.path, title);
    if (place.kind === 'url') return await openArchiveAt(await fetched(place.url), title);
    if (place.kind !== 'git') throw new BerthError('BUILD_FAILED', `${title} has no files`);
    const repository = await fetchGit(place.url, { folder: host.folder, keepGitDir: false, commit: null, signal });
    closers.push(repository.discard);
    return repository.context;
  };

  /** Path of what is at an URL, fetched once. */
  const fetched = (url: string): Promise<string> => {
    const known = files.get(url) ?? fetchUrl(url, { folder: host.folder, checksum: null, signal });
    if (!files.has(url)) void known.then((file) => closers.push(file.discard)).catch(() => {});
    files.set(url, known);
    return known.then(({ path }) => path);
  };

  const openArchiveAt = async (path: string, title: string): Promise<FolderContext> => {
    const unpacked = await unpackContext(host, { path, signal });
    if (!unpacked) {
      throw new BerthError('BUILD_FAILED', `${title} is no folder, and no tar that could be unpacked`, {
        hint: 'give a folder, a git repository (.git at the end) or a tar',
      });
    }
    closers.push(unpacked.discard);
    return { title, root: unpacked.root, ignore: ignorePatterns([]) };
  };

  return {
    folders: new Map(
      Object.entries(request.contexts)
        .filter(([, place]) => place.kind !== 'image')
        .map(([name, place]) => [name, async () => withIgnoreFile(await open(place, `the context ${name}`), null)]),
    ),

    async dockerfile() {
      const { dockerfile, context } = request;
      const main = async () => withIgnoreFile(await open(context, 'the context'), dockerfilePath(request));
      /* An URL is that of a tar, or of the Dockerfile itself. */
      if (context.kind === 'url' && !(await archiveOf(await fetched(context.url)))) {
        return { file: readDockerfile(await readText(await fetched(context.url)), context.url), main };
      }
      if (dockerfile.kind === 'inline') return { file: readDockerfile(dockerfile.text, dockerfile.title), main };
      const root = dockerfile.kind === 'in-context' ? (await open(context, 'the context')).root : '/';
      const path = dockerfile.kind === 'in-context' ? inside(root, dockerfile.path) : dockerfile.path;
      return { file: readDockerfile(await readText(path), path), main };
    },

    async close() {
      for (const closer of closers) await closer();
    },
  };
}

function dockerfilePath({ dockerfile }: BuildRequest): string | null {
  return dockerfile.kind === 'file' ? dockerfile.path : null;
}

/** A path of a repository or an archive must not lead out of it by a link. */
function inside(root: string, path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  for (let length = 1; length <= parts.length; length += 1) {
    const one = join(root, ...parts.slice(0, length));
    const isLink = lstatSync(one, { throwIfNoEntry: false })?.isSymbolicLink();
    if (isLink || parts.includes('..')) {
      throw new BerthError('DOCKERFILE_INVALID', `${path} leads out of the context`);
    }
  }
  return join(root, ...parts);
}

async function readText(path: string): Promise<string> {
  try {
    const stats = await stat(path);
    if (!stats.isFile()) throw unreadable(path, 'it is no ordinary file');
    if (stats.size > MAX_DOCKERFILE) throw unreadable(path, 'it is larger than 16 MiB');
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof BerthError) throw error;
    if (errnoOf(error) === 'ENOENT') {
      const hint = 'name another one with -f, or `dockerfile:` in the stack file';
      throw new BerthError('DOCKERFILE_INVALID', `there is no ${path}`, { hint, cause: error });
    }
    throw unreadable(path, String(errnoOf(error) ?? error));
  }
}

function unreadable(path: string, why: string): BerthError {
  return new BerthError('DOCKERFILE_INVALID', `${path} can not be read: ${why}`);
}

function checkedFolder(path: string): string {
  const stats = existsSync(path) ? lstatSync(path) : undefined;
  if (stats?.isDirectory() || stats?.isSymbolicLink()) return path;
  throw new BerthError('BUILD_FAILED', stats ? `${path} is no folder` : `there is no folder ${path}`, {
    hint: 'the context is the folder whose files COPY takes',
  });
}

/** `Dockerfile.dockerignore` beside the Dockerfile, else `.dockerignore` in the context. */
function withIgnoreFile(context: FolderContext, dockerfile: string | null): FolderContext {
  const own = dockerfile === null ? [] : [join(dirname(dockerfile), `${basename(dockerfile)}.dockerignore`)];
  for (const path of [...own, join(context.root, '.dockerignore')]) {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (!stats) continue;
    if (!stats.isFile() || stats.size > MAX_IGNORE) {
      throw new BerthError('BUILD_FAILED', `${path} is no ordinary file of at most 4 MiB`, {
        hint: 'a link could lead out of the context: put the patterns into the file itself',
      });
    }
    return { ...context, ignore: patternsIn(path) };
  }
  return context;
}

function patternsIn(path: string) {
  try {
    return ignorePatterns(readIgnoreFile(readFileSync(path, 'utf8')));
  } catch (error) {
    if (!(error instanceof BerthError)) throw error;
    throw new BerthError(error.code, `${path}: ${error.message}`, { hint: error.hint, cause: error });
  }
}
