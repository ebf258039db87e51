/**
 * What is wrong with a Dockerfile, collected: all of it is said at once.
 */
import { BerthError, type Diagnostic } from '../../base/errors.ts';

export type Problem = {
  readonly line: number;
  readonly message: string;
  readonly hint?: string;
  /** 1-based; default: where the line's text begins. */
  readonly col?: number;
};

export type ProblemList = {
  add(problem: Problem): void;
  /** For what nothing can be read after: throws at once. */
  stop(problem: Problem): never;
  isEmpty(): boolean;
  /** DOCKERFILE_INVALID with all of them, in the order of their lines. */
  throwIfAny(): void;
};

const MAX_SHOWN_LINE = 400;

export function problems(file: string, lines: readonly string[]): ProblemList {
  const all: Problem[] = [];
  const error = () => invalid(all.map((problem) => diagnosticOf(file, lines, problem)));
  return {
    add: (problem) => void all.push(problem),
    stop(problem) {
      all.push(problem);
      throw error();
    },
    isEmpty: () => all.length === 0,
    throwIfAny() {
      if (all.length > 0) throw error();
    },
  };
}

/** One finding as the source line with a caret below it. */
export function diagnosticOf(file: string, lines: readonly string[], problem: Problem): Diagnostic {
  const source = lines[problem.line - 1] ?? '';
  const indent = source.length - source.trimStart().length;
  const col = problem.col ?? indent + 1;
  const shown = source.slice(0, MAX_SHOWN_LINE);
  return {
    severity: 'error',
    message: problem.message,
    at: { file, line: problem.line, col },
    sourceLine: shown,
    width: Math.max(1, shown.trimEnd().length - (col - 1)),
    hint: problem.hint,
  };
}

function invalid(found: readonly Diagnostic[]): BerthError {
  const diagnostics = [...found].sort((a, b) => (a.at?.line ?? 0) - (b.at?.line ?? 0));
  const count = diagnostics.length === 1 ? '1 error' : `${diagnostics.length} errors`;
  return new BerthError('DOCKERFILE_INVALID', `${count} in the Dockerfile`, { at: diagnostics[0]?.at, diagnostics });
}
