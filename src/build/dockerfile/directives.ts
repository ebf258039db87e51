/**
 * Parser directives: comments `# name=value` above everything else.
 */
import type { ProblemList } from './problems.ts';

export type Directives = {
  readonly escapeSign: '\\' | '`';
  readonly syntax: string | null;
  readonly check: string | null;
};

const DIRECTIVE = /^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/;
const KNOWN = new Set(['escape', 'syntax', 'check']);

export function directivesOf(lines: readonly string[], found: ProblemList): Directives {
  const values = new Map<string, string>();
  for (const [index, line] of lines.entries()) {
    const match = DIRECTIVE.exec(line.trim());
    const name = match?.[1]?.toLowerCase();
    /* The first line that is none ends them: from there on a comment is a comment. */
    if (!match || name === undefined || !KNOWN.has(name)) {
      if (index === 0 && line.startsWith('#!')) continue;
      break;
    }
    if (values.has(name)) found.add({ line: index + 1, message: `the directive ${name} is given twice` });
    values.set(name, match[2]!);
  }
  const escapeSign = values.get('escape') ?? '\\';
  if (escapeSign !== '\\' && escapeSign !== '`') {
    found.add({ line: lineOf(lines, 'escape'), message: `escape can be \\ or \`, not ${escapeSign}` });
  }
  return {
    escapeSign: escapeSign === '`' ? '`' : '\\',
    syntax: values.get('syntax') ?? null,
    check: values.get('check') ?? null,
  };
}

function lineOf(lines: readonly string[], name: string): number {
  return lines.findIndex((line) => DIRECTIVE.exec(line.trim())?.[1]?.toLowerCase() === name) + 1;
}
