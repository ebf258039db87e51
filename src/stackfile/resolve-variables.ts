/**
 * Replaces the variables in a file's tree; keys are left as they are.
 */
import type { Findings } from './findings.ts';
import { interpolate, type Variables } from './interpolate.ts';
import type { Entry, Tree } from './tree.ts';

export function resolveVariables<T extends Tree>(tree: T, variables: Variables, findings: Findings): T {
  switch (tree.kind) {
    case 'scalar':
      return resolveScalar(tree, variables, findings) as T;
    case 'list':
      return { ...tree, items: tree.items.map((item) => resolveVariables(item, variables, findings)) };
    case 'map': {
      const entries = [...tree.entries].map(([key, entry]): [string, Entry] => [
        key,
        { ...entry, value: resolveVariables(entry.value, variables, findings) },
      ]);
      return { ...tree, entries: new Map(entries) };
    }
  }
}

function resolveScalar(tree: Extract<Tree, { kind: 'scalar' }>, variables: Variables, findings: Findings): Tree {
  if (typeof tree.value !== 'string' || !tree.value.includes('$')) return tree;
  const result = interpolate(tree.value, variables);
  if (result.kind === 'error') {
    findings.error(tree.place, { message: result.message, hint: result.hint });
    return tree;
  }
  for (const name of new Set(result.unset)) {
    findings.warning(tree.place, {
      message: `the variable ${name} is not set: it becomes empty`,
      hint: `set it, or give it a default: \${${name}:-value}`,
    });
  }
  return { ...tree, value: result.text };
}
