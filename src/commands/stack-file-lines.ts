/**
 * What `up` would change now that the stack file is another one, in words; for commands that do not take it over.
 */
import { BerthError } from '../base/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { loadFromFlags, type StackFlagValues } from './stack-flags.ts';

/** One line at least. A stack file that has errors is said to have them. */
export async function stackFileLines(engine: Engine, flags: StackFlagValues): Promise<string[]> {
  try {
    const { stack } = await loadFromFlags(flags);
    /* The image of a service that is not up may not be built yet: nothing can be planned for it. */
    const rows = await engine.containers({ stack: stack.name, services: [], all: true });
    const known = new Set(rows.map((row) => row.Service));
    const services = stack.services.map(({ name }) => name);
    const news = services.filter((name) => !known.has(name)).map((name) => `  service ${name}: no container yet`);
    const lines = await changesSince(
      engine,
      flags,
      services.filter((name) => known.has(name)),
    );
    if (lines.length === 0 && news.length === 0) return ['the stack file changed; `berth up -d` would change nothing'];
    return [...(lines.length > 0 ? lines : [CHANGED]), ...news];
  } catch (error) {
    if (!(error instanceof BerthError)) throw error;
    const at = error.at ?? error.diagnostics?.[0]?.at;
    return [`the stack file changed and can not be used: ${at ? `${at.file}:${at.line}: ` : ''}${error.message}`];
  }
}

const CHANGED = 'the stack file has changed since; `berth up -d` would take over:';

/** What `up` would do to the services by now; empty: nothing. */
export async function changesSince(engine: Engine, flags: StackFlagValues, services: readonly string[]) {
  const { stack, positions } = await loadFromFlags(flags, services);
  const { steps } = await engine.plan({ stack, positions, services, noDeps: true });
  const changes = steps.filter(({ op }) => op.kind === 'create-container' || op.kind === 'update-container');
  if (changes.length === 0) return [];
  const lines = changes.map((step) => `  ${step.target.replace(':', ' ')}: ${step.why}`);
  return [CHANGED, ...lines];
}
