/**
 * `ports` of a service in canonical form: a mapping each, without doubles.
 */
import { isIP } from 'node:net';
import type { Place } from './canonical-service.ts';
import { parseShortPort } from './short-port.ts';
import { type MapTree, mapTree, type Scalar, scalarText, scalarTree, type Tree, valueAt, withEntry } from './tree.ts';

const HINT = 'write "8080:80", "127.0.0.1:8080:80" or "80"';

export function canonicalPorts(tree: Tree, { path, canonizing }: Place): Tree {
  if (tree.kind !== 'list') return tree;
  const ports = tree.items.flatMap((item, index) =>
    item.kind === 'map'
      ? longPort(item, `${path}[${index}]`, canonizing)
      : shortPorts(item, `${path}[${index}]`, canonizing),
  );
  const unique = new Map<string, Tree>();
  /* The later one, in the place of the earlier one. */
  for (const port of ports) unique.set(portKey(port), port);
  return { ...tree, items: [...unique.values()] };
}

function portKey(port: Tree): string {
  if (port.kind === 'scalar') return scalarText(port);
  const text = (key: string, otherwise: string) => scalarText(valueAt(port, key) ?? port) || otherwise;
  return [text('host_ip', '0.0.0.0'), text('published', ''), text('target', ''), text('protocol', 'tcp')].join(' ');
}

type Canonizing = Place['canonizing'];

/** As many as there are, for one stack; what is more is a slip or an attack. */
const MAX_PORTS = 65_536;

function shortPorts(item: Tree, path: string, { report, variablesLeft, ports }: Canonizing): Tree[] {
  const text = scalarText(item);
  if (ports.count > MAX_PORTS) return [];
  const parsed = parseShortPort(text);
  if (typeof parsed === 'string') {
    if (variablesLeft) return [item];
    report.error(path, `"${text}" ${parsed}`, HINT);
    return [];
  }
  ports.count += parsed.length;
  if (ports.count > MAX_PORTS) {
    report.error(path, `the stack publishes more than ${MAX_PORTS} ports`, 'publish fewer');
    return [];
  }
  const at = (value: Scalar | undefined) => (value === undefined ? undefined : scalarTree(value, item.place));
  return parsed.map(({ hostIp, published, target, protocol }) =>
    mapTree(
      {
        mode: at('ingress'),
        host_ip: at(hostIp),
        target: at(target),
        published: at(published),
        protocol: at(protocol),
      },
      item.place,
    ),
  );
}

function longPort(item: MapTree, path: string, { report, variablesLeft }: Canonizing): Tree[] {
  const address = valueAt(item, 'host_ip');
  const text = address && scalarText(address);
  if (text !== undefined && isIP(text) === 0 && !(variablesLeft && text.includes('$'))) {
    report.error(`${path}.host_ip`, `"${text}" is no address`, HINT);
    return [];
  }
  const mode = withDefault(item, 'mode', 'ingress');
  return [withDefault(mode, 'protocol', 'tcp')];
}

function withDefault(tree: MapTree, key: string, value: Scalar): MapTree {
  return tree.entries.has(key) ? tree : withEntry(tree, key, scalarTree(value, tree.place));
}
