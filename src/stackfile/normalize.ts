/**
 * What the Compose Specification says of attributes that are not there: the default network, names, implied dependencies.
 *
 * On a canonical tree, with the places of what implies it. What berth says
 * differently comes later, when the tree becomes a Stack.
 */
import {
  type Entry,
  isNull,
  type MapTree,
  mapTree,
  mapValues,
  type Scalar,
  scalarText,
  scalarTree,
  type Tree,
  valueAt,
  withEntry,
} from './tree.ts';

export function normalizeTree(tree: MapTree, stackName: string): MapTree {
  const services = valueAt(tree, 'services');
  const declared = services?.kind === 'map' ? withEntry(tree, 'services', mapValues(services, normalizeService)) : tree;
  const withNetwork = withDefaultNetwork(declared);
  const named = ['networks', 'volumes', 'secrets', 'configs'].reduce(
    (all, kind) => withNames(all, kind, stackName),
    withNetwork,
  );
  return withEntry(named, 'name', scalarTree(stackName, valueAt(tree, 'name')?.place ?? tree.place), tree.place);
}

function normalizeService(service: Tree): Tree {
  if (service.kind !== 'map') return service;
  const steps = [withNetworks, withBuild, withImpliedDependencies, withPullPolicy, withTargets, withHookImages];
  return steps.reduce<MapTree>((tree, step) => step(tree), service);
}

function withDefault(tree: MapTree, key: string, value: Scalar): MapTree {
  return tree.entries.has(key) ? tree : withEntry(tree, key, scalarTree(value, tree.place));
}

function isEmptyMap(tree: Tree | undefined): boolean {
  return !tree || (tree.kind === 'map' && tree.entries.size === 0) || (tree.kind === 'list' && tree.items.length === 0);
}

/** A service that says nothing is on the default network; one that a provider stands for is on none. */
function withNetworks(service: MapTree): MapTree {
  if (
    !isEmptyMap(valueAt(service, 'networks')) ||
    service.entries.has('network_mode') ||
    service.entries.has('provider')
  )
    return service;
  return withEntry(service, 'networks', mapTree({ default: scalarTree(null, service.place) }, service.place));
}

function withBuild(service: MapTree): MapTree {
  const build = valueAt(service, 'build');
  if (build?.kind !== 'map') return service;
  const context = withDefault(build, 'context', '.');
  const full = build.entries.has('dockerfile_inline') ? context : withDefault(context, 'dockerfile', 'Dockerfile');
  return withEntry(service, 'build', full);
}

function withPullPolicy(service: MapTree): MapTree {
  const policy = valueAt(service, 'pull_policy');
  return policy && scalarText(policy) === 'if_not_present'
    ? withEntry(service, 'pull_policy', scalarTree('missing', policy.place))
    : service;
}

/** Where a secret or config is in the container. */
function withTargets(service: MapTree): MapTree {
  return withTargetsBelow(withTargetsBelow(service, 'secrets', '/run/secrets/'), 'configs', '/');
}

function withTargetsBelow(service: MapTree, kind: string, folder: string): MapTree {
  const uses = valueAt(service, kind);
  if (uses?.kind !== 'list') return service;
  const items = uses.items.map((use) => {
    if (use.kind !== 'map') return use;
    const written = valueAt(use, 'target') ?? valueAt(use, 'source');
    const target = written ? scalarText(written) : '';
    if (!written || target === '' || target.startsWith('/')) return use;
    return withEntry(use, 'target', scalarTree(`${folder}${target}`, written.place));
  });
  return withEntry(service, kind, { ...uses, items });
}

/** A hook before the start runs in the service's own image. */
function withHookImages(service: MapTree): MapTree {
  const hooks = valueAt(service, 'pre_start');
  const image = valueAt(service, 'image');
  if (hooks?.kind !== 'list' || !image) return service;
  const items = hooks.items.map((hook) =>
    hook.kind === 'map' && !hook.entries.has('image') ? withEntry(hook, 'image', image) : hook,
  );
  return withEntry(service, 'pre_start', { ...hooks, items });
}

type Implied = { readonly service: string; readonly restart: boolean; readonly at: Tree };

/** Whoever uses something of another service needs it. */
function withImpliedDependencies(service: MapTree): MapTree {
  const written = valueAt(service, 'depends_on');
  const entries = new Map<string, Entry>(written?.kind === 'map' ? written.entries : []);
  for (const { service: name, restart, at } of impliedDependencies(service)) {
    if (entries.has(name)) continue;
    const scalar = (value: Scalar) => scalarTree(value, at.place);
    const value = mapTree(
      { condition: scalar('service_started'), restart: scalar(restart), required: scalar(true) },
      at.place,
    );
    entries.set(name, { key: at.place, value });
  }
  if (entries.size === 0) return service;
  const place = written?.place ?? service.place;
  return withEntry(service, 'depends_on', { kind: 'map', entries, place }, [...entries.values()][0]!.key);
}

function impliedDependencies(service: MapTree): Implied[] {
  const items = (key: string): readonly Tree[] => {
    const value = valueAt(service, key);
    return value?.kind === 'list' ? value.items : value ? [value] : [];
  };
  const links = items('links').map((at) => ({ service: scalarText(at).split(':')[0]!, restart: true, at }));
  const modes = ['network_mode', 'ipc', 'pid', 'uts', 'cgroup']
    .flatMap(items)
    .flatMap((at) =>
      scalarText(at).startsWith('service:') ? [{ service: scalarText(at).slice(8), restart: true, at }] : [],
    );
  const volumes = items('volumes_from')
    .filter((at) => !scalarText(at).startsWith('container:'))
    .map((at) => ({ service: scalarText(at).split(':')[0]!, restart: false, at }));
  return [...links, ...modes, ...volumes];
}

/** There when a service is on it. */
function withDefaultNetwork(tree: MapTree): MapTree {
  const services = valueAt(tree, 'services');
  const used =
    services?.kind === 'map' &&
    [...services.entries.values()].some(({ value }) => valueAt(valueAt(value, 'networks'), 'default') !== undefined);
  const networks = valueAt(tree, 'networks') ?? mapTree({}, tree.place);
  if (!used || networks.kind !== 'map' || networks.entries.has('default')) return tree;
  return withEntry(tree, 'networks', withEntry(networks, 'default', mapTree({}, tree.place)));
}

/** On this machine: STACK_KEY, or the key alone when it is somebody else's. */
function withNames(tree: MapTree, kind: string, stackName: string): MapTree {
  const items = valueAt(tree, kind);
  if (items?.kind !== 'map') return tree;
  const named = mapValues(items, (item, key) => {
    const map = isNull(item) ? mapTree({}, item.place) : item;
    if (map.kind !== 'map' || scalarText(valueAt(map, 'name') ?? scalarTree('', map.place)) !== '') return map;
    const external = valueAt(map, 'external');
    const theirs = external?.kind === 'scalar' && external.value === true;
    return withEntry(map, 'name', scalarTree(theirs ? key : `${stackName}_${key}`, map.place));
  });
  return withEntry(tree, kind, named);
}
