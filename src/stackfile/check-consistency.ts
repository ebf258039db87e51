/**
 * What can only be checked when the whole stack is known: names that are referred to, and attributes that contradict.
 */
import { nearest } from '../base/nearest.ts';
import { findCycle } from '../model/graph.ts';
import type { Report } from './findings.ts';
import { type MapTree, mapTree, scalarText, type Tree, valueAt } from './tree.ts';

export type ConsistencyCheck = {
  /** Of the services that take part. */
  readonly tree: MapTree;
  /** Every service that the files declare, also those whose profiles are off. */
  readonly declared: MapTree;
  /** As it was written, with what does not fit: what it names is there, be it right or wrong. */
  readonly written: MapTree;
  readonly report: Report;
};

type Service = { readonly name: string; readonly service: Tree; readonly path: string };

export function checkConsistency(check: ConsistencyCheck): void {
  const all = servicesOf(check.tree);
  for (const [name, { value: service }] of all.entries) {
    const one = { name, service, path: `services.${name}` };
    checkSource(check, one);
    checkExclusions(check, one);
    checkDependencies(check, one);
    checkNames(check, one);
    checkTest(check, one);
    checkTargets(check, one);
  }
  checkContainerNames(check, all);
  checkCycles(check, all);
}

function servicesOf(tree: MapTree): MapTree {
  const services = valueAt(tree, 'services');
  return services?.kind === 'map' ? services : mapTree({}, tree.place);
}

function textAt(tree: Tree | undefined, ...keys: readonly string[]): string {
  const value = keys.reduce<Tree | undefined>((inner, key) => valueAt(inner, key), tree);
  return value ? scalarText(value) : '';
}

function has(tree: Tree, key: string): boolean {
  return tree.kind === 'map' && tree.entries.has(key);
}

/** Without the service that it extends it is told about already. */
function checkSource({ report, written }: ConsistencyCheck, { name, service, path }: Service): void {
  if (['build', 'provider', 'extends'].some((key) => has(service, key)) || textAt(service, 'image') !== '') return;
  const own = valueAt(valueAt(written, 'services'), name);
  if (own && (['build', 'provider'].some((key) => has(own, key)) || textAt(own, 'image') !== '')) return;
  report.errorAtKey(
    path,
    `service ${name} needs \`image\` or \`build\``,
    '`image: host` runs programs of this machine',
  );
}

const SAME = [
  ['scale', 'deploy.replicas'],
  ['cpus', 'deploy.resources.limits.cpus'],
  ['mem_limit', 'deploy.resources.limits.memory'],
  ['pids_limit', 'deploy.resources.limits.pids'],
  ['mem_reservation', 'deploy.resources.reservations.memory'],
] as const;

function checkExclusions({ report }: ConsistencyCheck, { service, path }: Service): void {
  const exclude = (tree: Tree | undefined, [one, other]: readonly [string, string], at: string) => {
    if (!tree || !has(tree, one) || !has(tree, other)) return;
    report.error(`${at}.${one}`, `\`${one}\` and \`${other}\` exclude each other`, 'remove one of them');
  };
  exclude(service, ['network_mode', 'networks'], path);
  exclude(valueAt(service, 'build'), ['dockerfile_inline', 'dockerfile'], `${path}.build`);
  for (const [flat, deep] of SAME) {
    const [one, other] = [textAt(service, flat), textAt(service, ...deep.split('.'))];
    if (one === '' || other === '' || Number(one) === Number(other)) continue;
    report.error(`${path}.${flat}`, `\`${flat}\` and \`${deep}\` say different things`, 'remove one of them');
  }
}

function checkDependencies(check: ConsistencyCheck, { name, service, path }: Service): void {
  const needs = valueAt(service, 'depends_on');
  if (needs?.kind !== 'map') return;
  const [there, declared] = [servicesOf(check.tree).entries, servicesOf(check.declared).entries];
  for (const [needed, { value }] of needs.entries) {
    if (there.has(needed) || textAt(value, 'required') === 'false') continue;
    const at = `${path}.depends_on.${needed}`;
    const off = declared.get(needed)?.value;
    if (off) {
      const profile = valueAt(off, 'profiles');
      const hint = `switch one on with --profile ${profile?.kind === 'list' ? scalarText(profile.items[0]!) : 'NAME'}`;
      check.report.error(at, `service ${name} needs ${needed}, whose profiles are off`, hint);
    } else {
      const names = [...declared.keys()].filter((other) => other !== name);
      const near = nearest(needed, names);
      const others = names.length > 0 ? `the other services are ${names.join(', ')}` : 'declare it under `services:`';
      const hint = near ? `did you mean ${near}?` : others;
      check.report.error(at, `service ${name} needs ${needed}, which does not exist`, hint);
    }
  }
}

/** What a declaration can not do without. */
const FIRST: Readonly<Record<string, string>> = {
  secrets: 'file: ./FILE',
  configs: 'file: ./FILE',
  models: 'model: NAME',
};

type Use = { readonly kind: string; readonly name: string; readonly at: string };

/** networks, volumes, secrets, configs and models that are used must be declared. */
function checkNames({ written, report }: ConsistencyCheck, { service, path }: Service): void {
  for (const { kind, name, at } of usesOf(service, path)) {
    const declared = valueAt(written, kind);
    const names = declared?.kind === 'map' ? [...declared.entries.keys()] : [];
    if (names.includes(name) || (kind === 'networks' && name === 'default')) continue;
    const near = nearest(name, names);
    const folder = kind === 'volumes' ? '; a folder begins with ./ or /' : '';
    const hint = near
      ? `did you mean ${near}?`
      : `declare it at the top: ${kind}: {${name}: {${FIRST[kind] ?? ''}}}${folder}`;
    report.error(at, `there is no ${kind.slice(0, -1)} ${name}`, hint);
  }
}

function usesOf(service: Tree, path: string): Use[] {
  const keys = (kind: 'networks' | 'models'): Use[] => {
    const map = valueAt(service, kind);
    return map?.kind === 'map'
      ? [...map.entries.keys()].map((name) => ({ kind, name, at: `${path}.${kind}.${name}` }))
      : [];
  };
  const sources = (kind: string, tree: Tree, base: string): Use[] => {
    const list = valueAt(tree, kind);
    if (list?.kind !== 'list') return [];
    return list.items.flatMap((item, index): Use[] => {
      const name = textAt(item, 'source');
      if (kind === 'volumes' && (textAt(item, 'type') !== 'volume' || name === '')) return [];
      return [{ kind, name, at: `${base}.${kind}[${index}]` }];
    });
  };
  const build = valueAt(service, 'build');
  return [
    ...keys('networks'),
    ...keys('models'),
    ...['volumes', 'secrets', 'configs'].flatMap((kind) => sources(kind, service, path)),
    ...(build ? sources('secrets', build, `${path}.build`) : []),
  ];
}

function checkTest({ report }: ConsistencyCheck, { service, path }: Service): void {
  const test = valueAt(valueAt(service, 'healthcheck'), 'test');
  if (test?.kind !== 'list' || test.items.length === 0) return;
  if (['CMD', 'CMD-SHELL', 'NONE'].includes(scalarText(test.items[0]!))) return;
  const hint = 'write ["CMD", "program", "argument"], or text for the shell';
  report.error(`${path}.healthcheck.test`, 'a test begins with CMD, CMD-SHELL or NONE', hint);
}

/** One path in the container can only have one thing. */
function checkTargets({ report }: ConsistencyCheck, { service, path }: Service): void {
  const targets = new Set<string>();
  for (const kind of ['volumes', 'configs', 'secrets']) {
    const list = valueAt(service, kind);
    if (list?.kind !== 'list') continue;
    for (const [index, item] of list.items.entries()) {
      const target = textAt(item, 'target').replace(/(.)\/+$/, '$1');
      if (target !== '' && targets.has(target))
        report.error(`${path}.${kind}[${index}]`, `two mounts have the target ${target}`, 'remove one of them');
      targets.add(target);
    }
  }
}

/** A name is of one container on the whole machine. */
function checkContainerNames({ report }: ConsistencyCheck, all: MapTree): void {
  const owners = new Map<string, string>();
  for (const [name, { value: service }] of all.entries) {
    const containerName = textAt(service, 'container_name');
    if (containerName === '') continue;
    const at = `services.${name}.container_name`;
    const replicas = Number(textAt(service, 'scale') || textAt(service, 'deploy', 'replicas') || 1);
    if (replicas > 1) {
      const message = `service ${name} has ${replicas} replicas, which can not share one container_name`;
      report.error(at, message, 'remove container_name');
    }
    const other = owners.get(containerName);
    if (other !== undefined) {
      const message = `services ${other} and ${name} have the same container_name ${containerName}`;
      report.error(at, message, 'give each its own');
    }
    owners.set(containerName, name);
  }
}

function checkCycles({ report }: ConsistencyCheck, all: MapTree): void {
  const nodes = [...all.entries].map(([name, { value }]) => {
    const needs = valueAt(value, 'depends_on');
    return { name, after: needs?.kind === 'map' ? [...needs.entries.keys()] : [] };
  });
  const cycle = findCycle(nodes);
  if (!cycle) return;
  const message = `services depend on each other in a circle: ${[...cycle, cycle[0]].join(' -> ')}`;
  report.error(`services.${cycle[0]}.depends_on.${cycle[1] ?? cycle[0]}`, message, 'remove one of these dependencies');
}
