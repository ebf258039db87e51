/**
 * Pieces of nft's language: chains, sets and maps as lines of text.
 */

export function chain(name: string, hook: string, rules: readonly string[]): string[] {
  return [`chain ${name} {`, `  type ${hook}; policy accept;`, ...rules.map((rule) => `  ${rule}`), '}'];
}

export function set(name: string, type: string, elements: readonly string[]): string[] {
  return collection('set', name, { type, elements });
}

export function map(name: string, type: string, elements: readonly string[]): string[] {
  return collection('map', name, { type, elements });
}

export function quoted(name: string): string {
  return `"${name}"`;
}

type Content = { readonly type: string; readonly elements: readonly string[] };

/** nft has no empty list of elements. */
function collection(kind: string, name: string, { type, elements }: Content): string[] {
  const filling = elements.length === 0 ? [] : [`  elements = { ${elements.join(', ')} }`];
  return [`${kind} ${name} {`, `  type ${type};`, ...filling, '}'];
}
