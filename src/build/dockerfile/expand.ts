/**
 * Words of a Dockerfile: quotes, escapes and variables as its language has them.
 *
 * Forms: $name ${name} ${name:-word} ${name-word} ${name:+word} ${name+word}
 * ${name:?word} ${name?word} ${name#pattern} ${name##pattern} ${name%pattern}
 * ${name%%pattern} ${name/pattern/word} ${name//pattern/word}.
 */
import { BerthError } from '../../base/errors.ts';
import { globPattern } from '../../base/glob-pattern.ts';

export type Expansion = {
  readonly escapeSign: string;
  readonly lookUp: (name: string) => string | undefined;
  /** An unset variable stays as it is written. */
  readonly keepUnset?: boolean;
  readonly keepQuotes?: boolean;
  readonly keepEscapes?: boolean;
  /** Called for each unset variable without a default. */
  readonly onUnset?: (name: string) => void;
};

const MAX_DEPTH = 200;
/** One value may not grow without bound by naming itself again and again. */
const MAX_LENGTH = 1024 * 1024;

/** One word. DOCKERFILE_INVALID without position for what can not be read: the caller knows the line. */
export function expandWord(text: string, expansion: Expansion): string {
  return expander(text, expansion).run().text;
}

/** A line cut at unquoted spaces; what a variable holds is cut as well. */
export function expandWords(text: string, expansion: Expansion): string[] {
  return expander(text, expansion).run().words;
}

function expander(text: string, expansion: Expansion) {
  const { escapeSign, keepQuotes = false } = expansion;
  const chars = [...text];
  let at = 0;
  let depth = 0;

  const readTo = (stop: string | null, keepEscapes: boolean): { text: string; words: string[] } => {
    const words = wordList();
    let result = '';
    if (++depth > MAX_DEPTH) throw syntaxError('variables are nested too deeply');
    while (at < chars.length) {
      const char = chars[at]!;
      if (char === stop) {
        at += 1;
        depth -= 1;
        return { text: result, words: words.end() };
      }
      const quoted = char === "'" ? singleQuoted : char === '"' ? doubleQuoted : undefined;
      if (quoted) {
        const piece = quoted();
        result += piece;
        words.addWhole(piece);
      } else if (char === '$') {
        const piece = dollar();
        result += piece;
        words.addSplit(piece);
      } else if (char === escapeSign) {
        at += 1;
        const next = chars[at++];
        if (next === undefined) break;
        const piece = keepEscapes ? char + next : next;
        result += piece;
        words.addWhole(piece);
      } else {
        at += 1;
        result += char;
        words.addSplit(char);
      }
      if (result.length > MAX_LENGTH) throw syntaxError('the value is longer than 1 MiB');
    }
    if (stop !== null) throw syntaxError(`"${stop}" is missing`);
    depth -= 1;
    return { text: result, words: words.end() };
  };

  const singleQuoted = (): string => {
    const end = chars.indexOf("'", at + 1);
    if (end < 0) throw syntaxError("the closing ' is missing");
    const inner = chars.slice(at + 1, end).join('');
    at = end + 1;
    return keepQuotes ? `'${inner}'` : inner;
  };

  const doubleQuoted = (): string => {
    let inner = '';
    at += 1;
    for (;;) {
      const char = chars[at];
      if (char === undefined) throw syntaxError('the closing " is missing');
      if (char === '"') break;
      if (char === '$') {
        inner += dollar();
        continue;
      }
      at += 1;
      if (char !== escapeSign) {
        inner += char;
        continue;
      }
      const next = chars[at++];
      if (next === undefined) throw syntaxError('the closing " is missing');
      const isSpecial = next === '"' || next === '$' || next === escapeSign;
      inner += isSpecial && !expansion.keepEscapes ? next : char + next;
    }
    at += 1;
    return keepQuotes ? `"${inner}"` : inner;
  };

  const dollar = (): string => {
    at += 1;
    if (chars[at] === '{') {
      at += 1;
      return braced();
    }
    const name = readName();
    return name === '' ? '$' : valueNamed(name, `$${name}`);
  };

  const braced = (): string => {
    const from = at;
    if (chars[at] === undefined) throw syntaxError('"}" is missing');
    if (/[{}:]/.test(chars[at]!)) throw syntaxError('bad substitution');
    const name = readName();
    const char = chars[at++];
    switch (char) {
      case undefined:
        throw syntaxError('"}" is missing');
      case '}':
        return valueNamed(name, `\${${name}}`);
      case ':':
        return modified(name, { sign: chars[at++] ?? '', emptyIsUnset: true, from });
      case '/':
        return replaced(name);
      default:
        return modified(name, { sign: char, emptyIsUnset: false, from });
    }
  };

  type Modifier = { readonly sign: string; readonly emptyIsUnset: boolean; readonly from: number };

  const modified = (name: string, { sign, emptyIsUnset, from }: Modifier): string => {
    const isPattern = (sign === '#' || sign === '%') && !emptyIsUnset;
    if (!isPattern && !/^[-+?]$/.test(sign))
      throw syntaxError(`unknown substitution "${chars.slice(from, at).join('')}"`);
    const { text: word } = readTo('}', isPattern || expansion.keepEscapes === true);
    const value = expansion.lookUp(name);
    const isSet = value !== undefined && !(emptyIsUnset && value === '');
    if (expansion.keepUnset && value === undefined) return `\${${chars.slice(from, at).join('')}`;
    if (sign === '-') return isSet ? value : word;
    if (sign === '+') return isSet ? word : '';
    if (sign === '?') {
      if (isSet) return value;
      throw syntaxError(`${name}: ${word || 'is not set'}`);
    }
    return trimmed(value ?? '', { sign, word });
  };

  const replaced = (name: string): string => {
    const all = chars[at] === '/';
    if (all) at += 1;
    const { text: pattern } = readTo('/', true);
    const { text: word } = readTo('}', true);
    const value = expansion.lookUp(name) ?? '';
    return value.replace(new RegExp(globPattern(pattern, { greedy: true }), all ? 'gsu' : 'su'), () => word);
  };

  const valueNamed = (name: string, written: string): string => {
    const value = expansion.lookUp(name);
    if (value !== undefined) return value;
    if (expansion.keepUnset) return written;
    expansion.onUnset?.(name);
    return '';
  };

  /** Digits, one special sign, or a word; those of a shell are never set here. */
  const readName = (): string => {
    const rest = chars.slice(at, at + 256).join('');
    const match = /^(?:\d+|[@*#?\-$!]|[\p{L}_][\p{L}\p{Nd}_]*)/u.exec(rest);
    const name = match?.[0] ?? '';
    at += [...name].length;
    return name;
  };

  return { run: () => readTo(null, expansion.keepEscapes ?? false) };
}

/** `#` from the front, `%` from the end; twice: the longest match. */
function trimmed(value: string, { sign, word }: { readonly sign: string; readonly word: string }): string {
  const greedy = word.startsWith(sign);
  const pattern = globPattern(greedy ? word.slice(1) : word, { greedy });
  if (sign === '#') return value.replace(new RegExp(`^(?:${pattern})`, 'su'), '');
  const match = new RegExp(
    `^(${greedy ? '.*?' : '.*'})(?:${globPattern(greedy ? word.slice(1) : word, { greedy: true })})$`,
    'su',
  );
  return match.exec(value)?.[1] ?? value;
}

function wordList() {
  const words: string[] = [];
  let word: string | undefined;
  return {
    addWhole(piece: string) {
      word = (word ?? '') + piece;
    },
    addSplit(piece: string) {
      for (const char of piece) {
        if (!/\s/u.test(char)) word = (word ?? '') + char;
        else if (word !== undefined) {
          words.push(word);
          word = undefined;
        }
      }
    },
    end: () => (word === undefined || word === '' ? words : [...words, word]),
  };
}

function syntaxError(message: string): BerthError {
  return new BerthError('DOCKERFILE_INVALID', message);
}
