/**
 * Stack files of other machines, as the loader sees them: where each was fetched to, and which are still to be fetched.
 *
 * Nothing is fetched here. The loader names all that it lacks at once
 * (SourcesWanted), its caller fetches that and loads again: a file that comes
 * may name others.
 */
import { join } from 'node:path';
import { BerthError, type Diagnostic } from '../base/errors.ts';
import { isRemote, withoutPassword } from '../source/source-reference.ts';
import { confine, existsSync, statSync } from './input-files.ts';

export { isRemote };

export const STACK_FILE_NAMES = [
  'stack.yaml',
  'stack.yml',
  'compose.yaml',
  'compose.yml',
  'docker-compose.yml',
  'docker-compose.yaml',
];

/** What a reference was fetched to: `path` is the file or folder of `root` that is meant. */
export type Sources = ReadonlyMap<string, { readonly root: string; readonly path: string }>;

/** Who names it: a place in a stack file, or nothing for a flag. */
export type Where = Pick<Diagnostic, 'at' | 'sourceLine' | 'width' | 'path'>;

export type Wanted = { readonly reference: string; readonly where: Where };

export type RemoteFiles = {
  /** The file; undefined when it is to be fetched first. SOURCE_FAILED when it is not in what was fetched. */
  locate(reference: string, where: Where): string | undefined;
  throwWanted(): void;
};

/** To be fetched before anything can be said of the stack. */
export class SourcesWanted extends BerthError {
  readonly wanted: readonly Wanted[];

  constructor(wanted: readonly Wanted[]) {
    const [first] = wanted;
    const error = sourceError(first!, 'SOURCE_NOT_ALLOWED', 'is on another machine, and was not fetched');
    super(error.code, error.message, error);
    this.wanted = wanted;
  }
}

export function remoteFiles(sources: Sources = new Map()): RemoteFiles {
  const wanted: Wanted[] = [];
  return {
    locate(reference, where) {
      const source = sources.get(reference);
      if (source) return fileIn(source, { reference, where });
      wanted.push({ reference, where });
      return undefined;
    },
    throwWanted() {
      if (wanted.length > 0) throw new SourcesWanted(wanted);
    },
  };
}

/** An error about a reference, with the line that names it. */
export function sourceError(
  { reference, where }: Wanted,
  code: 'SOURCE_FAILED' | 'SOURCE_NOT_ALLOWED',
  why: string,
  hint?: string,
): BerthError {
  const message = `${withoutPassword(reference)} ${why}`;
  return new BerthError(code, message, {
    hint,
    at: where.at,
    ...(where.at && { diagnostics: [{ severity: 'error', message, hint, ...where }] }),
  });
}

function fileIn({ root, path }: { readonly root: string; readonly path: string }, wanted: Wanted): string {
  confine(root);
  const place = join(root, path);
  if (existsSync(place) && statSync(place).isFile()) return place;
  const name = STACK_FILE_NAMES.find((candidate) => existsSync(join(place, candidate)));
  if (name !== undefined) return join(place, name);
  const what = path === '' ? 'stack file at its top' : path;
  throw sourceError(
    wanted,
    'SOURCE_FAILED',
    `has no ${what}`,
    'name its file behind a colon: #main:deploy/compose.yaml',
  );
}
