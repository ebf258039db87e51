/**
 * The variables that a text with variables in it names; the other side of interpolate.ts.
 *
 * Pure.
 */
import type { Tree } from './tree.ts';

export type FoundVariable = {
  readonly name: string;
  /** `${NAME:?...}`: nothing works without it. */
  readonly required: boolean;
  /** What stands for it when it is not set. */
  readonly byDefault: string;
  /** What stands for it when it is set: `${NAME:+...}`. */
  readonly instead: string;
};

/** Of all values, by name; what is said at one place is not taken back by another. */
export function findVariables(tree: Tree): FoundVariable[] {
  const found = new Map<string, FoundVariable>();
  const walk = (node: Tree) => {
    if (node.kind === 'map') for (const { value } of node.entries.values()) walk(value);
    else if (node.kind === 'list') node.items.forEach(walk);
    else if (typeof node.value === 'string') for (const one of variablesIn(node.value)) add(found, one);
  };
  walk(tree);
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function add(found: Map<string, FoundVariable>, one: FoundVariable): void {
  const known = found.get(one.name);
  found.set(one.name, {
    name: one.name,
    required: one.required || known?.required === true,
    byDefault: known?.byDefault || one.byDefault,
    instead: known?.instead || one.instead,
  });
}

const REFERENCE = /\$(?:\$|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(:?[-?+])?)/g;

function variablesIn(text: string): FoundVariable[] {
  return [...text.matchAll(REFERENCE)].flatMap((match) => {
    const [whole, bare, braced, operator = ''] = match;
    const name = bare ?? braced;
    if (name === undefined) return [];
    const argument = operator === '' ? '' : argumentAt(text, match.index + whole.length);
    return [
      {
        name,
        required: operator.endsWith('?'),
        byDefault: operator.endsWith('-') ? argument : '',
        instead: operator.endsWith('+') ? argument : '',
      },
    ];
  });
}

/** Up to the brace that closes it. */
function argumentAt(text: string, start: number): string {
  let depth = 1;
  for (let at = start; at < text.length; at++) {
    if (text[at] === '{') depth += 1;
    if (text[at] === '}') depth -= 1;
    if (depth === 0) return text.slice(start, at);
  }
  return text.slice(start);
}
