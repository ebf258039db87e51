/**
 * What was probably meant by an attribute that there is not.
 */
import { nearest } from '../base/nearest.ts';
import type { ObjectShape } from './shape.ts';
import type { Tree } from './tree.ts';

/** Words of other tools, and of the command line, for attributes of a service. */
const MEANT: Readonly<Record<string, string>> = {
  args: 'command',
  cmd: 'command',
  cpu: 'cpus',
  env: 'environment',
  envs: 'environment',
  memory: 'mem_limit',
  mounts: 'volumes',
  name: 'container_name',
  replicas: 'scale',
  resources: 'deploy',
  run: 'command',
  workdir: 'working_dir',
};

/** `value` is what stands at the key. */
export function unknownKeyHint(key: string, { fields }: ObjectShape, value: Tree): string {
  const names = Object.keys(fields);
  const meant = Object.hasOwn(fields, 'image') && Object.hasOwn(MEANT, key) ? MEANT[key] : nearest(key, names);
  if (meant !== undefined) return `did you mean \`${meant}\`?`;
  if (Object.hasOwn(fields, 'services') && looksLikeService(value)) return 'services are indented below `services:`';
  return `it can have ${some(names)}`;
}

function looksLikeService(value: Tree): boolean {
  return (
    value.kind === 'map' && ['image', 'build', 'extends', 'command', 'ports'].some((key) => value.entries.has(key))
  );
}

function some(names: readonly string[]): string {
  return names.length > 12
    ? 'the attributes of the Compose Specification; your own begin with x-'
    : names.map((n) => `\`${n}\``).join(', ');
}
