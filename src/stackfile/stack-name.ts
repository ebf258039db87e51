/**
 * The name of a stack: -p, COMPOSE_PROJECT_NAME, `name:` of the file, or the folder.
 */
import { basename } from 'node:path';
import { BerthError } from '../base/errors.ts';
import { type FileRequest, findFiles, plainVariables } from './find-files.ts';
import { readBounded } from './input-files.ts';
import { interpolate } from './interpolate.ts';

export type NameRequest = FileRequest & { readonly projectName?: string };

/**
 * The name without checking the file: what runs can be looked at and taken down while the file has errors.
 *
 * `name:` is looked for as text; a file that writes it in another way than on a line of its own is parsed.
 */
export async function readStackName(request: NameRequest): Promise<string> {
  const given = request.projectName ?? request.env.COMPOSE_PROJECT_NAME;
  if (given !== undefined && given !== '') return checkedName(given);
  const { files, projectDir } = findFiles(request);
  const variables = plainVariables(request, projectDir);
  const fromDotenv = variables.COMPOSE_PROJECT_NAME;
  if (fromDotenv !== undefined && fromDotenv !== '') return checkedName(fromDotenv);
  for (const file of [...files].reverse()) {
    const name = file === '-' ? undefined : nameIn(readBounded(file) ?? '', variables);
    if (name !== undefined) return checkedName(name);
  }
  return normalizedName(basename(projectDir));
}

function nameIn(text: string, variables: Readonly<Record<string, string | undefined>>): string | undefined {
  const match = /^name:[ \t]*(?:"([^"]*)"|'([^']*)'|([^\s#]+))/m.exec(text);
  const written = match?.[1] ?? match?.[2] ?? match?.[3];
  if (written === undefined) return undefined;
  const result = interpolate(written, variables);
  return result.kind === 'text' && result.text !== '' ? result.text : undefined;
}

/** A name that a person chose is taken as it is, or refused. */
export function checkedName(name: string): string {
  if (isStackName(name)) return name;
  const [message, hint] = wrongName(name);
  throw new BerthError('USAGE', message, { hint });
}

export function isStackName(name: string): boolean {
  return /^[a-z0-9][a-z0-9_-]*$/.test(name);
}

/** Message and hint. */
export function wrongName(name: string): [message: string, hint: string] {
  const better = normalizedName(name);
  return [
    `"${name}" is no name for a stack`,
    `use lower-case letters, digits, - and _, beginning with a letter or digit: ${better}`,
  ];
}

/** A folder's name made into one: lower case, without what is not allowed. */
export function normalizedName(folder: string): string {
  const name = folder
    .toLowerCase()
    .replace(/[^-_a-z0-9]/g, '')
    .replace(/^[-_]+/, '');
  return name === '' ? 'stack' : name;
}
