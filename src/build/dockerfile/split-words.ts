/**
 * Cuts an instruction's text into flags and words, quotes and escapes kept in the words.
 */

/** Leading `--flag` words, without their quotes; `--` alone ends them. */
export function splitFlags(text: string): { readonly flags: string[]; readonly rest: string } {
  const flags: string[] = [];
  let rest = text.trimStart();
  while (rest.startsWith('--')) {
    const { word, length } = flagAt(rest);
    rest = rest.slice(length);
    if (word === '--') break;
    flags.push(word);
    rest = rest.trimStart();
  }
  return { flags, rest };
}

function flagAt(text: string): { word: string; length: number } {
  let word = '';
  let quote = '';
  let at = 0;
  for (; at < text.length; at += 1) {
    const char = text[at]!;
    if (quote === '' && /\s/.test(char)) break;
    if (char === quote) quote = '';
    else if (quote === '' && (char === '"' || char === "'")) quote = char;
    else if (char === '\\') {
      at += 1;
      word += text[at] ?? '';
    } else word += char;
  }
  return { word, length: Math.min(at, text.length) };
}

/** Words as they are written: quotes and escapes stay for the expansion. */
export function splitWords(text: string, escapeSign: string): string[] {
  const words: string[] = [];
  let word = '';
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at]!;
    if (quote === '' && /\s/.test(char)) {
      if (word !== '') words.push(word);
      word = '';
      continue;
    }
    if (char === escapeSign && quote !== "'") {
      /* One at the end of everything escapes nothing. */
      if (at + 1 === text.length) break;
      word += char + text[++at]!;
      continue;
    }
    if (quote === '' && (char === '"' || char === "'")) quote = char;
    else if (char === quote) quote = '';
    word += char;
  }
  return word === '' ? words : [...words, word];
}
