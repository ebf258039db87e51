/**
 * What a shape can not say of one value: attributes that exclude each other. Compose Specification, 06 to 09.
 */
import type { Report } from './findings.ts';
import { matchPaths } from './match-paths.ts';
import { type MapTree, scalarText, type Tree, valueAt } from './tree.ts';

type Rule = (tree: Tree, path: string, report: Report) => void;

const RULES: Readonly<Record<string, Rule>> = {
  'services.*.environment': variableNames,
  'services.*.build.args': variableNames,
  'volumes.*': external,
  'secrets.*': oneSource('file', 'environment'),
  'configs.*': oneSource('file', 'environment', 'content'),
  'services.*.deploy.resources.reservations.devices.*': deviceRequest,
  'services.*.gpus.*': deviceRequest,
  'services.*.develop.watch.*': watchRule,
  'services.*.volumes.*': mount,
};

export function checkRules(tree: MapTree, report: Report): void {
  for (const [pattern, rule] of Object.entries(RULES))
    for (const [path, found] of matchPaths(tree, pattern)) rule(found, path, report);
}

/** `- A = 1` names a variable with a blank at its end, which nobody means. */
function variableNames(tree: Tree, path: string, report: Report): void {
  if (tree.kind !== 'map') return;
  for (const name of tree.entries.keys())
    if (/\s$/.test(name))
      report.errorAtKey(`${path}.${name}`, `the variable "${name}" ends in a blank`, `write ${name.trim()}=VALUE`);
}

function external(tree: Tree, path: string, report: Report): void {
  const flag = valueAt(tree, 'external');
  if (tree.kind !== 'map' || flag?.kind !== 'scalar' || flag.value !== true) return;
  for (const key of tree.entries.keys())
    if (!['name', 'external'].includes(key) && !key.startsWith('x-'))
      report.errorAtKey(`${path}.${key}`, `${path} is external: \`${key}\` is not this file's to say`, 'remove it');
}

function oneSource(...keys: readonly string[]): Rule {
  return (tree, path, report) => {
    if (tree.kind !== 'map') return;
    const said = keys.filter((key) => tree.entries.has(key));
    if (said.length > 1)
      report.errorAtKey(`${path}.${said[1]}`, `${path} can only have one of ${said.join(', ')}`, 'remove the others');
    const flag = valueAt(tree, 'external');
    if (said.length > 0 || tree.entries.has('driver') || flag) return;
    report.errorAtKey(path, `${path} needs one of ${keys.join(', ')}`, 'or write `external: true`');
  };
}

function deviceRequest(tree: Tree, path: string, report: Report): void {
  if (tree.kind === 'map' && tree.entries.has('count') && tree.entries.has('device_ids'))
    report.errorAtKey(`${path}.count`, `${path} can not have both \`count\` and \`device_ids\``, 'remove one of them');
}

function watchRule(tree: Tree, path: string, report: Report): void {
  const watched = valueAt(tree, 'path');
  if (watched && scalarText(watched) === '')
    report.error(`${path}.path`, `${path}.path is empty`, 'name what to watch');
}

function mount(tree: Tree, path: string, report: Report): void {
  if (tree.kind !== 'map') return;
  const [type, source, target] = ['type', 'source', 'target'].map((key) => valueAt(tree, key));
  if (!target) report.error(path, `${path} needs \`target\``, 'write where in the container it goes');
  if (type && scalarText(type) === 'bind' && (!source || scalarText(source) === ''))
    report.error(path, 'a mount of type bind needs `source`', 'name a folder or file: source: ./data');
}
