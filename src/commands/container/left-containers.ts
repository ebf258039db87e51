/**
 * Containers that do not run, for commands that prune.
 */
import { parseMoment } from '../../base/moment.ts';
import type { ContainerSummary } from '../../engine/answers.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Filters } from '../list-filters.ts';

export async function leftContainers(engine: Engine, filters: Filters): Promise<ContainerSummary[]> {
  return (await engine.containers({ all: true })).filter((row) => isLeft(row) && fits(row, filters));
}

function isLeft(row: ContainerSummary): boolean {
  return row.State === 'exited' || row.State === 'created' || row.State === 'dead';
}

/** `label`, `label!` and `until`. */
function fits(row: ContainerSummary, filters: Filters): boolean {
  const labels = row.Labels.split(',');
  const has = (wanted: string) => labels.some((label) => label === wanted || label.split('=', 1)[0] === wanted);
  const before = parseMoment(filters.get('until')?.[0]);
  return (
    (filters.get('label') ?? []).every(has) &&
    !(filters.get('label!') ?? []).some(has) &&
    (before === undefined || row.Created * 1000 < before)
  );
}
