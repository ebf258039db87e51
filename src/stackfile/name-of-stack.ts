/**
 * The name of the stack that is read: -p, COMPOSE_PROJECT_NAME, `name:` of the last file that has one, the folder.
 *
 * Known before variables are replaced, since COMPOSE_PROJECT_NAME is one of them.
 */
import { basename } from 'node:path';
import type { FoundFiles } from './find-files.ts';
import type { Findings } from './findings.ts';
import { interpolate, type Variables } from './interpolate.ts';
import type { OpenFile } from './open-files.ts';
import { checkedName, isStackName, normalizedName, wrongName } from './stack-name.ts';
import { type ScalarTree, scalarText, valueAt } from './tree.ts';

export type Naming = {
  readonly request: { readonly projectName?: string };
  readonly outer: Variables;
  readonly found: FoundFiles;
  readonly findings: Findings;
  readonly open: OpenFile;
};

/** A name that the file gives is the file's fault, one that the caller gives is the caller's. */
export function nameOf({ request, outer, found, findings, open }: Naming): string {
  const given = request.projectName ?? outer.COMPOSE_PROJECT_NAME;
  if (given !== undefined && given !== '') return checkedName(given);
  const written = writtenName(found.files, open);
  const result = interpolate(written ? scalarText(written) : '', outer);
  const name = result.kind === 'text' ? result.text : '';
  if (!written || name === '') return normalizedName(basename(found.projectDir));
  const [message, hint] = wrongName(name);
  if (!isStackName(name)) findings.error(written.place, { message, hint, path: 'name' });
  return name;
}

/** Of another kind it is told when shapes are checked. */
function writtenName(files: readonly string[], open: OpenFile): ScalarTree | undefined {
  const names = files.flatMap((file) => open(file) ?? []).map((tree) => valueAt(tree, 'name'));
  return names.findLast((name): name is ScalarTree => name?.kind === 'scalar' && typeof name.value === 'string');
}
