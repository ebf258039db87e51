/**
 * Stack files -> everything that can be said against them, as data.
 */
import type { Diagnostic } from '../base/errors.ts';
import { BerthError } from '../base/errors.ts';
import { loadModel, type ModelRequest } from './load-model.ts';
import { convertModel } from './load-stack.ts';
import { SourcesWanted } from './remote-files.ts';

/** Errors first, each kind in the order of the files; STACK_FILE_NOT_FOUND when there are none. */
export function lintFiles(request: ModelRequest): readonly Diagnostic[] {
  try {
    const model = loadModel(request);
    convertModel(model, false);
    return [...model.findings.errors, ...model.findings.warnings];
  } catch (error) {
    if (error instanceof SourcesWanted) throw error;
    if (error instanceof BerthError && error.diagnostics) return error.diagnostics;
    throw error;
  }
}
