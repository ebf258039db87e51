/**
 * JSON whose objects name a member twice: two readers would see two documents. OCI image-spec forbids it.
 *
 * Pure. Runs on text that JSON.parse() has taken, so it only has to find names.
 */
const STRING = /"(?:[^"\\]|\\.)*"/y;
const MAX_DEPTH = 100;

/** The name that an object has twice; undefined when none has. A plain Error for too deep a nesting. */
export function duplicateName(text: string): string | undefined {
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '{' || char === '[') {
      open.push(char === '{' ? new Set() : null);
      if (open.length > MAX_DEPTH) throw new Error(`nested deeper than ${MAX_DEPTH}`);
    } else if (char === '}' || char === ']') open.pop();
    else if (char === '"') {
      STRING.lastIndex = at;
      const string = STRING.exec(text)?.[0] ?? '"';
      at += string.length - 1;
      const names = open.at(-1);
      if (!names || !isName(text, at + 1)) continue;
      const name = JSON.parse(string) as string;
      if (names.has(name)) return name;
      names.add(name);
    }
  }
  return undefined;
}

function isName(text: string, from: number): boolean {
  let at = from;
  while (/\s/.test(text[at] ?? '')) at++;
  return text[at] === ':';
}
