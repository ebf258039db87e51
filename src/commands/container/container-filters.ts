/**
 * `--filter` of docker's container list.
 */
import { BerthError } from '../../base/errors.ts';
import type { ContainerSummary } from '../../engine/answers.ts';
import { checkStates, type Filters } from '../list-filters.ts';

export const CONTAINER_FILTERS = [
  'id',
  'name',
  'label',
  'exited',
  'status',
  'ancestor',
  'before',
  'since',
  'volume',
  'network',
  'publish',
  'health',
] as const;

type Test = (row: ContainerSummary, value: string, all: readonly ContainerSummary[]) => boolean;

const TESTS: Readonly<Record<(typeof CONTAINER_FILTERS)[number], Test>> = {
  id: (row, value) => row.ID.startsWith(value),
  name: (row, value) => patternOf(value).test(row.Name) || patternOf(value).test(`/${row.Name}`),
  label: (row, value) => hasLabel(row, value),
  exited: (row, value) => row.State === 'exited' && row.ExitCode === Number(value),
  status: (row, value) => row.State === checkStates([value])[0],
  ancestor: (row, value) => row.Image === value || row.Image === `${value}:latest` || idStartsWith(row.ImageID, value),
  before: (row, value, all) => row.Created < named(all, value).Created,
  since: (row, value, all) => row.Created > named(all, value).Created,
  volume: (row, value) => row.Mounts.split(',').includes(value),
  network: (row, value) => row.Networks.split(',').includes(value),
  publish: (row, value) => row.Publishers.some((p) => publishText(p.PublishedPort, p.Protocol, value)),
  health: (row, value) => (row.Health || 'none') === value,
};

/** Rows that pass every name with any of its values; labels must all be there. `all`: what `before` and `since` name. */
export function filterContainers(
  rows: readonly ContainerSummary[],
  filters: Filters,
  all: readonly ContainerSummary[],
): ContainerSummary[] {
  return rows.filter((row) =>
    [...filters].every(([name, values]) => {
      const test = (value: string) => TESTS[name as keyof typeof TESTS](row, value, all);
      return name === 'label' ? values.every(test) : values.some(test);
    }),
  );
}

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (cause) {
    throw new BerthError('USAGE', `--filter name=${text} is no pattern`, { cause });
  }
}

function hasLabel(row: ContainerSummary, wanted: string): boolean {
  const labels = row.Labels.split(',');
  return wanted.includes('=') ? labels.includes(wanted) : labels.some((label) => label.split('=', 1)[0] === wanted);
}

function idStartsWith(id: string, value: string): boolean {
  return id.startsWith(value) || id.replace('sha256:', '').startsWith(value);
}

function named(all: readonly ContainerSummary[], name: string): ContainerSummary {
  const found = all.find((row) => row.Name === name || row.ID.startsWith(name));
  if (found) return found;
  throw new BerthError('CONTAINER_NOT_FOUND', `there is no container ${name}`, { hint: 'see `berth container ls -a`' });
}

/** `80`, `80/udp`, `8000-8080/tcp`. */
function publishText(port: number, protocol: string, wanted: string): boolean {
  const [range = '', kind = 'tcp'] = wanted.split('/');
  const [first = NaN, last = first] = range.split('-').map(Number);
  return kind === protocol && first <= port && port <= last;
}
