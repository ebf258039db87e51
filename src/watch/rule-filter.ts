/**
 * Which paths a rule of `develop.watch` means, and which folders need not be looked at.
 *
 * Pure. Beside the rule's own patterns: what editors leave for a moment,
 * histories, installed packages, and the .dockerignore of the service's context.
 */
import { type IgnorePatterns, ignorePatterns } from '../base/ignore-patterns.ts';
import type { WatchRule } from '../model/watch.ts';

export type RuleFilter = {
  readonly rule: WatchRule;
  readonly path: string;
  /** Whether a change of PATH is the rule's business. */
  isWanted(path: string): boolean;
  /** Whether nothing below FOLDER can be wanted. */
  prunes(folder: string): boolean;
};

/** A folder with the lines of its .dockerignore. */
export type ContextIgnore = { readonly folder: string; readonly patterns: readonly string[] };

/** Taken back by a pattern of the rule with `!`. */
const NEVER: readonly string[] = [
  '**/.git',
  '**/.hg',
  '**/.svn',
  '**/node_modules',
  /* Vim's, with its test of whether it may write. */
  '**/4913',
  '**/*~',
  '**/.*.sw?',
  '**/.*.swpx',
  /* Emacs' */
  '**/.#*',
  '**/#*#',
  /* IDEs' */
  '**/*___jb_tmp___',
  '**/*___jb_old___',
  '**/.idea',
  '**/.goutputstream-*',
  '**/*.kate-swp',
  '**/.DS_Store',
];

/** `contexts`: whose .dockerignore counts for what is in them. */
export function ruleFilter(rule: WatchRule, contexts: readonly ContextIgnore[] = []): RuleFilter {
  const own = { folder: rule.path, ignore: ignorePatterns([...NEVER, ...rule.ignore]) };
  const all = [own, ...contexts.map(({ folder, patterns }) => ({ folder, ignore: ignorePatterns(patterns) }))];
  const included = rule.include.length === 0 ? null : ignorePatterns(rule.include);
  return {
    rule,
    path: rule.path,
    isWanted(path) {
      const inRule = below(rule.path, path);
      if (inRule === undefined || all.some((one) => isIgnored(one, path))) return false;
      return included === null || inRule === '' || included.ignores(inRule);
    },
    prunes(folder) {
      if (below(rule.path, folder) === undefined) return true;
      return all.some((one) => isIgnored(one, folder) && one.ignore.prunes(below(one.folder, folder) ?? ''));
    },
  };
}

type Ignored = { readonly folder: string; readonly ignore: IgnorePatterns };

function isIgnored({ folder, ignore }: Ignored, path: string): boolean {
  const inside = below(folder, path);
  return inside !== undefined && inside !== '' && ignore.ignores(inside);
}

/** The part of PATH below FOLDER, empty for itself; undefined when it is elsewhere. */
export function below(folder: string, path: string): string | undefined {
  if (path === folder) return '';
  const start = folder.endsWith('/') ? folder : `${folder}/`;
  return path.startsWith(start) ? path.slice(start.length) : undefined;
}
