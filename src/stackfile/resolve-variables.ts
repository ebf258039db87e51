/**
 * Replaces the variables in a file's tree; keys are left as they are.
 */
import type { Findings } from './findings.ts';
import { interpolate, type Variables } from './interpolate.ts';
import { joinPath, mapItems, mapValues, type Place, type Tree } from './tree.ts';

export type Resolution = { readonly variables: Variables; readonly findings: Findings };

/** `path` is that of `tree`, for the findings. */
export function resolveVariables<T extends Tree>(tree: T, resolution: Resolution, path = ''): T {
  switch (tree.kind) {
    case 'scalar':
      return resolveScalar(tree, resolution, path) as T;
    case 'list':
      return mapItems(tree, (item, index) => resolveVariables(item, resolution, `${path}[${index}]`)) as T;
    case 'map':
      return mapValues(tree, (value, key) => resolveVariables(value, resolution, joinPath(path, key))) as T;
  }
}

/** Marks what can not be checked before its variables are replaced. */
export function keepVariables<T extends Tree>(tree: T): T {
  switch (tree.kind) {
    case 'scalar':
      return typeof tree.value === 'string' && HAS_VARIABLE.test(tree.value) ? { ...tree, isOpen: true } : tree;
    case 'list':
      return mapItems(tree, keepVariables) as T;
    case 'map':
      return mapValues(tree, keepVariables) as T;
  }
}

const HAS_VARIABLE = /\$(\{|[A-Za-z_])/;

type ScalarTree = Extract<Tree, { kind: 'scalar' }>;

function resolveScalar(tree: ScalarTree, { variables, findings }: Resolution, path: string): Tree {
  if (typeof tree.value !== 'string' || !tree.value.includes('$')) return tree;
  const result = interpolate(tree.value, variables);
  if (result.kind === 'error') {
    findings.error(partOf(tree.place, result.part, findings), { message: result.message, hint: result.hint, path });
    return tree;
  }
  warnOfSecret(tree, { findings, path, text: result.text });
  for (const name of new Set(result.unset)) {
    findings.warning(tree.place, {
      message: `the variable ${name} is not set: it becomes empty`,
      hint: `set it, or give it a default: \${${name}:-value}`,
      path,
    });
  }
  return { ...tree, value: result.text, fromVariable: true };
}

/** Where in its value the faulty variable stands, when the value is written on one line as it is meant. */
function partOf(place: Place, part: string | undefined, findings: Findings): Place {
  const line = findings.lineAt(place).sourceLine ?? '';
  const at = part === undefined ? -1 : line.indexOf(part, place.col - 1);
  if (part === undefined || at < 0 || at + part.length > place.col - 1 + place.width) return place;
  return { ...place, col: at + 1, width: part.length };
}

const SECRET = /pass(word|wd)?|secret|token|credential|api_?key|private_?key/i;

type Changed = { readonly findings: Findings; readonly path: string; readonly text: string };

/** `p4ss$word` was hardly meant as a variable; a value that is nothing but one was. */
function warnOfSecret(tree: ScalarTree, { findings, path, text }: Changed): void {
  const written = String(tree.value);
  const inList = /^([\w.-]+)=(.*)$/s.exec(written);
  const key = inList && path.endsWith(']') ? inList[1]! : path.replace(/^.*\./, '');
  const value = inList && path.endsWith(']') ? inList[2]! : written;
  const bare = value.replace(/\$\$/g, '').replace(/\$\{[^}]*\}/g, '');
  if (!SECRET.test(key) || !bare.includes('$') || /^\$\w+$/.test(value) || text === written) return;
  const message = `the $ in ${key} is taken for a variable, and the value is changed`;
  findings.warning(tree.place, { message, hint: 'write $$ for a dollar sign', path });
}
