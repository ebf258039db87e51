/**
 * The shell's patterns (* ? [...]) as source of a regular expression.
 */

/** For use with the flags `s` and `u`; a sign after a backslash stands for itself. */
export function globPattern(glob: string, { greedy }: { readonly greedy: boolean }): string {
  const chars = [...glob];
  let pattern = '';
  for (let at = 0; at < chars.length; at += 1) {
    const char = chars[at]!;
    if (char === '\\') pattern += literal(chars[++at] ?? '\\');
    else if (char === '*') pattern += greedy ? '.*' : '.*?';
    else if (char === '?') pattern += '.';
    else pattern += literal(char);
  }
  return pattern;
}

/** CHAR itself in a regular expression with the flag `u`. */
export function literal(char: string): string {
  return /[\p{L}\p{Nd}_]/u.test(char) ? char : `\\u{${char.codePointAt(0)!.toString(16)}}`;
}
