/**
 * Text of a Dockerfile -> its instructions as they are written, each with its lines.
 *
 * Owns comments, parser directives, continued lines and heredocs. Knows no
 * instruction's meaning; read-instruction.ts takes their arguments apart.
 */
import { directivesOf } from './directives.ts';
import { type Heredoc, heredocsOf } from './heredoc.ts';
import { type ProblemList, problems } from './problems.ts';
import { readInstruction, takesHeredocs } from './read-instruction.ts';

export type SourceNode = {
  /** Lower case. */
  readonly name: string;
  /** As it is written, continued lines joined, without heredocs. */
  readonly text: string;
  /** The name as it is written. */
  readonly written: string;
  readonly flags: readonly string[];
  /** ENV and LABEL: name, value and the sign between them, one after the other. */
  readonly args: readonly string[];
  /** The arguments are a JSON list (exec form). */
  readonly isJson: boolean;
  /** Of ONBUILD. */
  readonly inner: SourceNode | null;
  readonly heredocs: readonly Heredoc[];
  /** 1-based, first and last, heredocs included. */
  readonly line: number;
  readonly endLine: number;
  readonly col: number;
  /** Text of the comment lines right above. */
  readonly comments: readonly string[];
};

export type DockerfileSource = {
  readonly nodes: readonly SourceNode[];
  readonly lines: readonly string[];
  readonly escapeSign: '\\' | '`';
  /** Value of `# syntax=`; accepted and not used: berth's own reading is the only one. */
  readonly syntax: string | null;
  /** Value of `# check=`. */
  readonly check: string | null;
  readonly emptyContinuations: readonly number[];
};

const MAX_BYTES = 16 * 1024 * 1024;
/** Of one line; more is no text that a person wrote. */
const MAX_LINE = 1024 * 1024;
const MAX_INSTRUCTIONS = 20_000;

/** DOCKERFILE_INVALID with every finding; `file` is for messages. */
export function parseDockerfile(text: string, file: string): DockerfileSource {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const found = problems(file, lines);
  if (text.length > MAX_BYTES) found.stop({ line: 1, message: 'the Dockerfile is larger than 16 MiB' });
  refuseNul(lines, found);
  const { escapeSign, syntax, check } = directivesOf(lines, found);
  const reader = readerOf(lines, { escapeSign, found });
  const nodes: SourceNode[] = [];
  for (let node = reader.next(); node !== 'end'; node = reader.next()) {
    if (node !== 'nothing') nodes.push(node);
    if (nodes.length > MAX_INSTRUCTIONS) {
      found.stop({ line: reader.line(), message: `more than ${MAX_INSTRUCTIONS} instructions` });
    }
  }
  if (nodes.length === 0 && found.isEmpty()) {
    found.add({ line: 1, message: 'there is no instruction in this file', hint: 'begin with `FROM IMAGE`' });
  }
  found.throwIfAny();
  return { nodes, lines, escapeSign, syntax, check, emptyContinuations: reader.emptyContinuations };
}

/** No path, argument or variable of a program can have one. */
function refuseNul(lines: readonly string[], found: ProblemList): void {
  const index = lines.findIndex((line) => line.includes('\0'));
  if (index < 0) return;
  const message = 'there is a NUL character in this line';
  found.stop({ line: index + 1, col: lines[index]!.indexOf('\0') + 1, message, hint: 'is it a text in UTF-8?' });
}

type ReaderOptions = { readonly escapeSign: '\\' | '`'; readonly found: ProblemList };

function readerOf(lines: readonly string[], { escapeSign, found }: ReaderOptions) {
  let at = 0;
  let comments: string[] = [];
  const emptyContinuations: number[] = [];
  const continued = continuationOf(escapeSign);

  const joined = (): { text: string; hadGap: boolean } => {
    let { text, more } = continued((lines[at++] ?? '').trimStart());
    let hadGap = false;
    while (more && at < lines.length) {
      const line = lines[at++]!;
      if (isComment(line)) continue;
      if (line.trim() === '') {
        /* The last line of a file is one only because of the line break before it. */
        if (at < lines.length) hadGap = true;
        continue;
      }
      const next = continued(line);
      text += next.text;
      more = next.more;
    }
    return { text, hadGap };
  };

  const next = (): SourceNode | 'nothing' | 'end' => {
    if (at >= lines.length) return 'end';
    const raw = lines[at]!;
    if (raw.length > MAX_LINE) found.stop({ line: at + 1, message: 'this line is longer than 1 MiB' });
    if (raw.trim() === '' || isComment(raw)) {
      comments = isComment(raw) ? [...comments, raw.trim().slice(1).trim()] : [];
      at += 1;
      return 'nothing';
    }
    const line = at + 1;
    const { text, hadGap } = joined();
    if (hadGap) emptyContinuations.push(line);
    if (text.trim() === '') return 'nothing';
    const place = { line, col: raw.length - raw.trimStart().length + 1, comments };
    comments = [];
    const heredocs = takesHeredocs(text) ? readHeredocs(text, line) : [];
    return readInstruction(text, { ...place, escapeSign, heredocs, endLine: at, found }) ?? 'nothing';
  };

  const readHeredocs = (text: string, line: number): Heredoc[] =>
    heredocsOf(text, escapeSign).map((opened) => {
      const content: string[] = [];
      while (at < lines.length) {
        const raw = lines[at++]!;
        if ((opened.chomp ? raw.replace(/^\t+/, '') : raw) === opened.name) {
          return { ...opened, content: content.map((one) => `${one}\n`).join('') };
        }
        content.push(raw);
      }
      found.add({ line, message: `the heredoc ${opened.name} has no end`, hint: `add a line ${opened.name}` });
      return { ...opened, content: '' };
    });

  return { next, line: () => at, emptyContinuations };
}

function isComment(line: string): boolean {
  return line.trimStart().startsWith('#');
}

/** An escape sign at the end of a line, not escaped itself, joins the next line to it. */
function continuationOf(escapeSign: string) {
  const sign = escapeSign === '\\' ? '\\\\' : '`';
  const pattern = new RegExp(`(^|[^${sign}])${sign}[ \\t]*$`);
  return (line: string): { text: string; more: boolean } => {
    const more = pattern.test(line);
    return { text: more ? line.replace(pattern, '$1') : line, more };
  };
}
