/**
 * What is not wrong and will still bite: the well-known rules for Dockerfiles, as warnings.
 *
 * `# check=skip=RULE,RULE` leaves rules out.
 */
import type { Diagnostic } from '../../base/errors.ts';
import { diagnosticOf } from '../dockerfile/problems.ts';
import type { Dockerfile } from '../dockerfile/stages.ts';
import type { BuildGraph } from '../graph/build-graph.ts';
import { type Finding, RULES } from './rules.ts';

export function lint(file: Dockerfile, graph: BuildGraph): Diagnostic[] {
  const skipped = skippedRules(file.source.check);
  if (skipped === 'all') return [];
  const found = Object.entries(RULES)
    .filter(([name]) => !skipped.has(name.toLowerCase()))
    .flatMap(([name, rule]) => rule(file, graph).map((finding) => ({ name, finding })));
  return found.sort((a, b) => a.finding.line - b.finding.line).map(({ name, finding }) => warning(file, name, finding));
}

function warning(file: Dockerfile, name: string, { line, message, hint }: Finding): Diagnostic {
  const diagnostic = diagnosticOf(file.file, file.source.lines, { line, message: `${message} (${name})`, hint });
  return { ...diagnostic, severity: 'warning' };
}

function skippedRules(check: string | null): 'all' | ReadonlySet<string> {
  const list = /(?:^|;)\s*skip=([^;]*)/.exec(check ?? '')?.[1] ?? '';
  const names = list.split(',').map((name) => name.trim().toLowerCase());
  return names.includes('all') ? 'all' : new Set(names);
}
