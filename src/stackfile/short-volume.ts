/**
 * The short form of a mount: SOURCE:TARGET[:OPTIONS], or TARGET alone for an anonymous volume.
 *
 * Pure. A drive letter of Windows is part of a path, also on Linux: that is how the
 * Compose Specification's own loader reads it.
 */

export type ShortVolume = {
  readonly type: 'bind' | 'volume';
  readonly source?: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly nocopy: boolean;
  readonly propagation?: string;
  readonly selinux?: string;
  /** Options that mean nothing. */
  readonly unknown: readonly string[];
};

/** A text is why it is none. */
export function parseShortVolume(text: string): ShortVolume | string {
  if (text === '') return 'it is empty';
  const parts = text.length <= 2 ? [text] : sectionsOf(text);
  if (parts.includes('')) return 'there is nothing between two colons';
  if (parts.length > 3) return 'there are too many colons';
  const [source, target, options] = parts.length === 1 ? [undefined, parts[0]!, ''] : [parts[0], parts[1]!, parts[2]];
  return {
    type: source !== undefined && isPath(source) ? 'bind' : 'volume',
    source,
    target,
    ...optionsOf((options ?? '').split(',').filter(Boolean)),
  };
}

/** Split at colons, but for those of drive letters and inside of `${...}`. */
function sectionsOf(text: string): string[] {
  const sections: string[] = [];
  let depth = 0;
  let section = '';
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]!;
    if (letter === '$' && text[at + 1] === '{') depth += 1;
    if (letter === '}' && depth > 0) depth -= 1;
    if (letter !== ':' || depth > 0 || /^\p{L}$/u.test(section)) section += letter;
    else {
      sections.push(section);
      section = '';
    }
  }
  return [...sections, section];
}

export function isPath(source: string): boolean {
  return /^[./~]/.test(source) || source.startsWith('\\\\') || /^\p{L}:/u.test(source);
}

const PROPAGATIONS = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'];
/** Without a meaning on Linux, or said by the source already. */
const NO_OPS = ['rw', 'cached', 'delegated', 'consistent', 'volume', 'bind', 'rbind'];

function optionsOf(options: readonly string[]) {
  return {
    readOnly: options.findLast((option) => option === 'ro' || option === 'rw') === 'ro',
    nocopy: options.includes('nocopy'),
    propagation: options.findLast((option) => PROPAGATIONS.includes(option)),
    selinux: options.findLast((option) => option === 'z' || option === 'Z'),
    unknown: options.filter((o) => !['ro', 'nocopy', 'z', 'Z', ...NO_OPS, ...PROPAGATIONS].includes(o)),
  };
}
