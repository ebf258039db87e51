/**
 * Heredocs of RUN, COPY and ADD: `<<EOF`, `<<-EOF`, `<<"EOF"`.
 *
 * The shell's own rules (POSIX, 2.7.4): a quoted word keeps variables as they are, `-` takes leading tabs away.
 */
import { expandWords } from './expand.ts';

export type OpenedHeredoc = {
  readonly name: string;
  /** Variables in its content are expanded. */
  readonly expand: boolean;
  readonly chomp: boolean;
  /** As it is written in the line. */
  readonly word: string;
};

export type Heredoc = OpenedHeredoc & { readonly content: string };

const WORD = /^(\d*)<<(-?)([^<]*)$/;

/** The heredocs that a line opens, in order. */
export function heredocsOf(text: string, escapeSign: string): OpenedHeredoc[] {
  if (!text.includes('<<')) return [];
  return rawWords(text, escapeSign).flatMap((word) => openedBy(word) ?? []);
}

/** What WORD opens; undefined: it is another word. */
export function openedBy(word: string): OpenedHeredoc | undefined {
  const match = WORD.exec(word);
  const rest = match?.[3] ?? '';
  if (!match || rest === '') return undefined;
  const [name, ...others] = rawAndPlain(rest);
  if (name === undefined || others.length > 0 || name.plain === '') return undefined;
  return { name: name.plain, expand: name.plain === name.raw, chomp: match[2] === '-', word };
}

/** The content as the program reads it. */
export function heredocContent({ content, chomp }: Heredoc): string {
  return chomp ? content.replace(/^\t+/gm, '') : content;
}

function rawWords(text: string, escapeSign: string): string[] {
  try {
    return expandWords(text, {
      escapeSign,
      lookUp: () => undefined,
      keepUnset: true,
      keepQuotes: true,
      keepEscapes: true,
    });
  } catch {
    /* Open quotes: then the line is the shell's matter. */
    return [];
  }
}

function rawAndPlain(text: string): { raw: string; plain: string }[] {
  const words = (keep: boolean) =>
    expandWords(text, {
      escapeSign: '\\',
      lookUp: () => undefined,
      keepUnset: true,
      keepQuotes: keep,
      keepEscapes: keep,
    });
  try {
    const plain = words(false);
    return words(true).map((raw, index) => ({ raw, plain: plain[index] ?? '' }));
  } catch {
    return [];
  }
}
