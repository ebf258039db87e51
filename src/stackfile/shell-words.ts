/**
 * A command written as text -> its words, by the quoting rules of the shell; nothing is expanded.
 */

/** undefined when a quote is not closed. */
export function splitWords(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]!;
    if (letter === "'" || letter === '"') {
      const end = closing(text, at, letter);
      if (end < 0) return undefined;
      word = (word ?? '') + unquoted(text.slice(at + 1, end), letter);
      at = end;
    } else if (letter === '\\' && at + 1 < text.length) {
      at += 1;
      if (text[at] !== '\n') word = (word ?? '') + text[at]!;
    } else if (/\s/.test(letter)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + letter;
  }
  return word === undefined ? words : [...words, word];
}

function closing(text: string, start: number, quote: string): number {
  for (let at = start + 1; at < text.length; at++) {
    if (quote === '"' && text[at] === '\\') at += 1;
    else if (text[at] === quote) return at;
  }
  return -1;
}

/** In double quotes a backslash keeps its own meaning before anything but these. POSIX shell, 2.2.3. */
function unquoted(text: string, quote: string): string {
  return quote === '"' ? text.replace(/\\([$`"\\\n])/g, (_, letter: string) => (letter === '\n' ? '' : letter)) : text;
}
