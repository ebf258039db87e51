/** What `image build` says of its result. */
import type { BuildResult } from '../build/build.ts';

export function* summaryOf({ names, id, steps, cachedSteps }: BuildResult): Generator<string> {
  const cached = cachedSteps === 0 ? '' : `, ${cachedSteps} cached`;
  yield `${names.length === 0 ? 'built without a name' : `built ${names.join(', ')}`} ${id} (${steps} steps${cached})`;
  if (names.length === 0) yield 'only the cache keeps it: give it a name with -t';
}
