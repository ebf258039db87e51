/**
 * `develop.watch` of a service, and `x-berth.watch`: what to do when files change. Compose Specification, develop.
 */
import { BerthError } from '../base/errors.ts';
import { ignorePatterns } from '../base/ignore-patterns.ts';
import type { Mount } from '../model/stack.ts';
import type { ServiceWatch, WatchAction, WatchRule } from '../model/watch.ts';
import {
  absolutePath,
  booleanOr,
  type Conversion,
  durationOr,
  itemsOf,
  type Raw,
  rawOf,
  textList,
} from './conversion.ts';
import { hookOf } from './convert-hooks.ts';

/** Docker compose waits half a second. */
const QUIET_MS = 50;
const MOST_QUIET_MS = 10_000;

export type WatchSource = {
  readonly raw: Raw;
  readonly top: Raw;
  readonly path: string;
  readonly mounts: readonly Mount[];
};

/** Nothing when nothing is watched for the service. */
export function convertWatch(conversion: Conversion, source: WatchSource): { readonly watch?: ServiceWatch } {
  const quietMs = quietOf(conversion, source);
  const rules = itemsOf(rawOf(source.raw.develop).watch).map(([index, item]) =>
    ruleOf(conversion, rawOf(item), { place: `${source.path}.develop.watch[${index}]`, service: source.raw }),
  );
  const auto = isAuto(conversion, source);
  return rules.length === 0 && !auto ? {} : { watch: { quietMs, rules, ...(auto && { auto: true as const }) } };
}

function isAuto({ report }: Conversion, { raw, path, mounts }: WatchSource): boolean {
  const own = rawOf(raw['x-berth']).watch;
  if (own !== 'auto' && !booleanOr(rawOf(own).auto, false)) return false;
  if (!mounts.some(({ kind }) => kind === 'bind'))
    report.error(
      `${path}.x-berth.watch`,
      `${path} has no bind mount whose files could be watched`,
      'add one under `volumes`, or write rules under `develop.watch`',
    );
  return true;
}

function quietOf({ report }: Conversion, { raw, top, path }: WatchSource): number {
  const own = rawOf(rawOf(raw['x-berth']).watch).quiet;
  const quietMs = durationOr(own ?? rawOf(rawOf(top['x-berth']).watch).quiet, QUIET_MS);
  if (quietMs >= 1 && quietMs <= MOST_QUIET_MS) return quietMs;
  const place = own === undefined ? 'x-berth.watch.quiet' : `${path}.x-berth.watch.quiet`;
  report.error(place, `${place} is outside 1 ms to 10 s`, 'write something like 50ms');
  return QUIET_MS;
}

type Place = { readonly place: string; readonly service: Raw };

function ruleOf(conversion: Conversion, raw: Raw, { place, service }: Place): WatchRule {
  const action = raw.action as WatchAction;
  const rule: WatchRule = {
    path: absolutePath(conversion, String(raw.path)),
    action,
    target: syncs(action) && raw.target !== undefined && raw.target !== null ? String(raw.target) : null,
    ignore: patternsOf(conversion, raw, { key: 'ignore', place }),
    include: patternsOf(conversion, raw, { key: 'include', place }),
    initialSync: booleanOr(raw.initial_sync, false),
    exec: action === 'sync+exec' && raw.exec ? hookOf(conversion, rawOf(raw.exec), `${place}.exec`) : null,
  };
  checkRule(conversion, rule, { place, service, raw });
  return rule;
}

function syncs(action: WatchAction): boolean {
  return action.startsWith('sync');
}

type Checked = Place & { readonly raw: Raw };

function checkRule({ report }: Conversion, rule: WatchRule, { place, service, raw }: Checked): void {
  const { action, target, exec } = rule;
  if (action === 'rebuild' && (service.build === undefined || service.build === null))
    report.error(
      `${place}.action`,
      `${place}: a service without \`build\` can not be built anew`,
      'use restart or sync',
    );
  if (syncs(action) && !target?.startsWith('/'))
    report.error(
      target === null ? `${place}.action` : `${place}.target`,
      target === null ? `${place} needs \`target\` for ${action}` : `"${target}" is no absolute path`,
      'write where in the container changed files go, as /app/src',
    );
  if (action === 'sync+exec' && (exec?.command.length ?? 0) === 0)
    report.error(`${place}.action`, `${place} has nothing to run`, 'write `exec:` with its `command`');
  for (const key of unusedOf(action))
    if (raw[key] !== undefined && raw[key] !== null && raw[key] !== false)
      report.warning(`${place}.${key}`, `${place}.${key} has no effect for ${action}`, 'remove it');
}

function unusedOf(action: WatchAction): readonly string[] {
  if (!syncs(action)) return ['target', 'initial_sync', 'exec'];
  return action === 'sync+exec' ? [] : ['exec'];
}

type PatternPlace = { readonly key: 'ignore' | 'include'; readonly place: string };

function patternsOf({ report }: Conversion, raw: Raw, { key, place }: PatternPlace): string[] {
  const patterns = textList(raw[key]);
  return patterns.filter((pattern, index) => {
    try {
      ignorePatterns([pattern]);
      return true;
    } catch (error) {
      if (!(error instanceof BerthError)) throw error;
      const at = Array.isArray(raw[key]) ? `${place}.${key}[${index}]` : `${place}.${key}`;
      report.error(at, error.message, error.hint);
      return false;
    }
  });
}
