/**
 * Whether a record that was read is one of this version.
 *
 * Its checksum says that it is whole, its schema which rules it follows; this
 * finds what an unfinished version in between wrote without a schema of its own.
 */

/** What must be there, by path below a record: a list, a map, or anything but undefined. */
type Shape = {
  readonly lists?: readonly string[];
  readonly maps?: readonly string[];
  readonly values?: readonly string[];
};

const SERVICE_LISTS = ['mounts', 'ports', 'networks', 'volumesFrom', 'links', 'externalLinks', 'dns', 'dependsOn'];
const HOOK_LISTS = ['preStart', 'postStart', 'preStop'];
const SERVICE_MAPS = ['environment', 'labels', 'networkMode', 'restart', 'resources', 'sysctls'];

const SERVICE: Shape = { lists: [...SERVICE_LISTS, ...HOOK_LISTS], maps: SERVICE_MAPS, values: ['name', 'image'] };
const CONTAINER: Shape = {
  lists: ['attachments', 'publishes'],
  maps: ['definition', 'image', 'anonymousVolumes'],
  values: ['id', 'name', 'stack', 'service', 'replica', 'oneOff', 'createdAt', 'desired', 'startedOnce'],
};
const ATTACHMENT: Shape = {
  lists: ['linkLocal', 'aliases', 'links'],
  maps: ['sysctls'],
  values: ['network', 'bridge', 'mac', 'address', 'address6'],
};
const NETWORK: Shape = {
  lists: ['subnets'],
  maps: ['definition', 'definition.options'],
  values: ['id', 'name', 'stack', 'key', 'bridge', 'definition.driver'],
};
const STACK: Shape = { lists: ['stack.services', 'stack.networks', 'stack.volumes'], maps: ['stack', 'positions'] };

export type RecordKind = 'container' | 'network' | 'stack';

/** Path of the first thing that is not there or is something else; undefined: all is. */
export function missingIn(kind: RecordKind, record: unknown): string | undefined {
  switch (kind) {
    case 'container':
      return (
        missing(record, CONTAINER) ?? inMap(record, 'definition', SERVICE) ?? inList(record, 'attachments', ATTACHMENT)
      );
    case 'network':
      return missing(record, NETWORK);
    case 'stack':
      return missing(record, STACK) ?? inList(record, 'stack.services', SERVICE);
  }
}

function missing(record: unknown, { maps = [], lists = [], values = [] }: Shape): string | undefined {
  return (
    maps.find((path) => !isMap(at(record, path))) ??
    lists.find((path) => !Array.isArray(at(record, path))) ??
    values.find((path) => at(record, path) === undefined)
  );
}

function inMap(record: unknown, path: string, shape: Shape): string | undefined {
  const found = missing(at(record, path), shape);
  return found === undefined ? undefined : `${path}.${found}`;
}

function inList(record: unknown, path: string, shape: Shape): string | undefined {
  for (const [index, item] of (at(record, path) as unknown[]).entries()) {
    const found = missing(item, shape);
    if (found !== undefined) return `${path}[${index}].${found}`;
  }
  return undefined;
}

function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, key) => (isMap(inner) ? inner[key] : undefined), value);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
