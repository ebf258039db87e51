/**
 * Lines that are JSON objects: their fields, and a few of them as text.
 */
export type JsonFields = Readonly<Record<string, unknown>>;

/** The object that a line is; undefined for any other text. */
export function jsonFields(text: string): JsonFields | undefined {
  const start = text.search(/\S/);
  if (start < 0 || text[start] !== '{' || !/}\s*$/.test(text)) return undefined;
  try {
    return JSON.parse(text) as JsonFields;
  } catch {
    return undefined;
  }
}

/** The value at a path: a key with dots in it comes before the key in an object. */
export function fieldAt(fields: JsonFields, path: string): unknown {
  if (Object.hasOwn(fields, path)) return fields[path];
  for (let dot = path.indexOf('.'); dot > 0; dot = path.indexOf('.', dot + 1)) {
    const key = path.slice(0, dot);
    const inner = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (typeof inner !== 'object' || inner === null) continue;
    const found = fieldAt(inner as JsonFields, path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The fields that are there, in the order of `paths`. */
export function pickFields(fields: JsonFields, paths: readonly string[]): JsonFields {
  const found = paths.map((path) => [path, fieldAt(fields, path)] as const);
  return Object.fromEntries(found.filter(([, value]) => value !== undefined));
}

/** `a=1 b.c="two words"`; a single field without its name; undefined when none of them is there. */
export function fieldsText(fields: JsonFields, paths: readonly string[]): string | undefined {
  const found = Object.entries(pickFields(fields, paths));
  if (found.length === 0) return undefined;
  if (paths.length === 1) return typeof found[0]![1] === 'string' ? found[0]![1] : JSON.stringify(found[0]![1]);
  return found.map(([path, value]) => `${path}=${valueText(value)}`).join(' ');
}

function valueText(value: unknown): string {
  if (typeof value === 'string' && /^[^\s"=\\]+$/.test(value)) return value;
  return JSON.stringify(value);
}
