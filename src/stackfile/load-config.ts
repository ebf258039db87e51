/**
 * What `berth config` and `berth lint` look at: the model, and everything that was found on the way.
 */
import type { Diagnostic } from '../base/errors.ts';
import { loadModel, type Model, type ModelRequest } from './load-model.ts';
import { convertModel } from './load-stack.ts';

export type LoadedConfig = { readonly model: Model; readonly findings: readonly Diagnostic[] };

/** STACK_FILE_INVALID when it is not of the specification; what berth itself does not like is a warning. */
export function loadConfig(request: ModelRequest): LoadedConfig {
  const model = loadModel(request);
  if (!request.skip?.has('variables')) convertModel(model, true);
  model.findings.throwErrors();
  return { model, findings: model.findings.warnings };
}
