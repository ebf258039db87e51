/**
 * Lines that are wider than their window -> several, the further ones indented.
 */

/** Columns of the terminal that the answer goes to; undefined: it goes elsewhere, and keeps its lines. */
export function answerWidth(): number | undefined {
  return process.stdout.isTTY ? process.stdout.columns || undefined : undefined;
}

/** Words stay whole where they fit. The further lines begin two columns behind the first one's text. */
export function wrapLine(line: string, width: number | undefined): string[] {
  if (width === undefined || line.length <= width) return [line];
  const [lead = ''] = /^ */.exec(line) ?? [];
  const margin = ' '.repeat(Math.min(lead.length + 2, Math.floor(width / 2)));
  const lines: string[] = [];
  let rest = line;
  let start = lead.length;
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width);
    /* A word that fits in no line is left to the terminal. */
    const next = rest.indexOf(' ', start);
    const at = space > start ? space : next < 0 ? rest.length : next;
    lines.push(rest.slice(0, at).trimEnd());
    start = margin.length;
    rest = at >= rest.length ? '' : `${margin}${rest.slice(at).trimStart()}`;
  }
  return rest.trim() === '' ? lines : [...lines, rest];
}
