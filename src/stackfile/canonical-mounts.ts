/**
 * `volumes` of a service in canonical form.
 */
import { posix } from 'node:path';
import type { Place } from './canonical-service.ts';
import { parseShortVolume } from './short-volume.ts';
import { mapTree, type Scalar, scalarText, scalarTree, type Tree } from './tree.ts';

export function canonicalMounts(tree: Tree, { path, canonizing }: Place): Tree {
  if (tree.kind !== 'list') return tree;
  const items = tree.items.flatMap((item, index) => {
    if (item.kind !== 'scalar') return item;
    return longMount(item, `${path}[${index}]`, canonizing) ?? [];
  });
  return { ...tree, items };
}

function longMount(item: Tree, path: string, { report, variablesLeft }: Place['canonizing']): Tree | undefined {
  const text = scalarText(item);
  const short = parseShortVolume(text);
  if (typeof short === 'string') {
    if (variablesLeft) return item;
    report.error(path, `"${text}" is no volume: ${short}`, 'write SOURCE:TARGET or SOURCE:TARGET:ro');
    return undefined;
  }
  const at = (value: Scalar | undefined) => (value === undefined ? undefined : scalarTree(value, item.place));
  const flag = (value: boolean) => at(value || undefined);
  if (short.unknown.length > 0) {
    const hint = 'the options are ro, rw, nocopy, z, Z and propagation modes';
    report.warning(path, `"${short.unknown[0]}" is no option of a volume: it is left out`, hint);
  }
  const { type, source, target, readOnly, nocopy, propagation, selinux } = short;
  const bind = mapTree(
    { propagation: at(propagation), create_host_path: type === 'bind' ? at(true) : undefined, selinux: at(selinux) },
    item.place,
  );
  return mapTree(
    {
      type: at(type),
      source: at(source),
      target: at(posix.normalize(target).replace(/(.)\/$/, '$1')),
      read_only: flag(readOnly),
      bind: type === 'bind' || bind.entries.size > 0 ? bind : undefined,
      volume: type === 'volume' || nocopy ? mapTree({ nocopy: flag(nocopy) }, item.place) : undefined,
    },
    item.place,
  );
}
