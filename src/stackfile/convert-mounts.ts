/**
 * volumes, tmpfs, secrets and configs of a service -> its mounts, in the order they are written.
 */
import { posix } from 'node:path';
import { nearest } from '../base/nearest.ts';
import type { Mount } from '../model/stack.ts';
import {
  absolutePath,
  booleanOr,
  bytesOr,
  type Conversion,
  declares,
  itemsOf,
  type Raw,
  rawOf,
  textList,
  textOr,
} from './conversion.ts';
import { convertFileObjects } from './convert-file-objects.ts';

type Bind = Extract<Mount, { kind: 'bind' }>;

export type MountSource = { readonly raw: Raw; readonly top: Raw; readonly path: string };

type Placed = { readonly mount: Mount; readonly place: string };

export function convertMounts(conversion: Conversion, source: MountSource): Mount[] {
  const { raw, top, path } = source;
  const volumes = itemsOf(raw.volumes).flatMap(([index, item]): Placed[] => {
    const place = `${path}.volumes[${index}]`;
    const mount =
      typeof item === 'object' ? longForm(conversion, item as Raw, place) : shortForm(conversion, String(item), place);
    return mount ? [{ mount, place }] : [];
  });
  const tmpfs = textList(raw.tmpfs).map((text, index): Placed => {
    const place = Array.isArray(raw.tmpfs) ? `${path}.tmpfs[${index}]` : `${path}.tmpfs`;
    return { mount: tmpfsOf(conversion, text, place), place };
  });
  const placed = [...volumes, ...tmpfs, ...convertFileObjects(conversion, { service: raw, top, path })];
  return checkedMounts(conversion, placed);
}

function checkedMounts(conversion: Conversion, placed: readonly Placed[]): Mount[] {
  const targets = new Set<string>();
  return placed.map(({ mount, place }) => {
    const checked = checkedTarget(conversion, mount, place);
    checkDeclared(conversion, mount, place);
    if (targets.has(checked.target))
      conversion.report.error(place, `two mounts have the target ${checked.target}`, 'remove one of them');
    targets.add(checked.target);
    return checked;
  });
}

function checkedTarget(conversion: Conversion, mount: Mount, place: string): Mount {
  if (!mount.target.startsWith('/'))
    conversion.report.error(place, `the target ${mount.target} is not absolute`, `write /${mount.target}`);
  return { ...mount, target: posix.normalize(mount.target).replace(/(.)\/$/, '$1') };
}

function checkDeclared(conversion: Conversion, mount: Mount, place: string): void {
  if (mount.kind !== 'volume' || mount.source === null || declares(conversion, 'volumes', mount.source)) return;
  const near = nearest(mount.source, Object.keys(rawOf(conversion.written.volumes)));
  const hint = near
    ? `did you mean ${near}?`
    : `declare it: volumes: {${mount.source}: {}}; a folder begins with ./ or /`;
  conversion.report.error(place, `there is no volume ${mount.source}`, hint);
}

const PROPAGATIONS = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'] as const;
/** Without a meaning on Linux, or of SELinux hosts only; Docker takes them everywhere. */
const NO_OPS = ['rw', 'z', 'Z', 'cached', 'delegated', 'consistent', 'volume', 'bind', 'rbind'];

/** SOURCE:TARGET[:OPTIONS], TARGET alone is an anonymous volume. */
function shortForm(conversion: Conversion, text: string, place: string): Mount | undefined {
  const parts = text.split(':');
  if (parts.length > 3 || parts.some((part) => part === '')) {
    conversion.report.error(place, `"${text}" is no volume`, 'write SOURCE:TARGET or SOURCE:TARGET:ro');
    return undefined;
  }
  const [source, target, optionText = ''] =
    parts.length === 1 ? [null, parts[0]!] : (parts as [string, string, string?]);
  const options = optionText === '' ? [] : optionText.split(',');
  const unknown = options.find((o) => !['ro', 'nocopy', ...NO_OPS, ...PROPAGATIONS].includes(o));
  if (unknown !== undefined) {
    conversion.report.error(
      place,
      `"${unknown}" is no option of a volume`,
      'the options are ro, rw, nocopy and propagation modes',
    );
    return undefined;
  }
  if (options.some((option) => option === 'z' || option === 'Z')) warnOfLabel(conversion, place);
  const readOnly = options.includes('ro');
  if (source === null || !/^[./~]/.test(source)) {
    return { kind: 'volume', source, target, readOnly, noCopy: options.includes('nocopy'), subpath: null };
  }
  const propagation = PROPAGATIONS.find((p) => options.includes(p)) ?? null;
  return {
    kind: 'bind',
    source: absolutePath(conversion, source),
    target,
    readOnly,
    createHostPath: true,
    propagation,
    recursive: 'enabled',
  };
}

function warnOfLabel({ report }: Conversion, place: string): void {
  report.warning(place, 'z and Z have no effect without SELinux', 'remove it');
}

function longForm(conversion: Conversion, item: Raw, place: string): Mount | undefined {
  const target = String(item.target);
  const readOnly = booleanOr(item.read_only, false);
  if (rawOf(item.bind).selinux !== undefined) warnOfLabel(conversion, place);
  if (item.type === 'tmpfs') {
    const { size, mode } = rawOf(item.tmpfs);
    return { kind: 'tmpfs', target, sizeBytes: bytesOr(size, null), mode: modeOf(mode), readOnly };
  }
  if (item.type === 'volume') {
    const { nocopy, subpath } = rawOf(item.volume);
    return {
      kind: 'volume',
      source: textOr(item.source, null),
      target,
      readOnly,
      noCopy: booleanOr(nocopy, false),
      subpath: textOr(subpath, null),
    };
  }
  const bindSource = textOr(item.source, '');
  if (bindSource === '') {
    conversion.report.error(place, 'a mount of type bind needs `source`', 'name a folder or file: source: ./data');
    return undefined;
  }
  const { propagation, create_host_path, recursive } = rawOf(item.bind);
  return {
    kind: 'bind',
    source: absolutePath(conversion, bindSource),
    target,
    readOnly,
    createHostPath: booleanOr(create_host_path, true),
    propagation: textOr(propagation, null) as Bind['propagation'],
    recursive: textOr(recursive, 'enabled') as Bind['recursive'],
  };
}

/** YAML reads 0755 as the number 755: the digits are octal either way. */
function modeOf(value: unknown): number | null {
  if (value === undefined || value === null) return null;
  return Number.parseInt(String(value), 8);
}

const TMPFS_OPTIONS: Readonly<Record<string, RegExp>> = {
  size: /^\d+(\.\d+)?([bkmgtp]|[kmgtp]i?b)?$/i,
  mode: /^[0-7]{1,5}$/,
  ro: /^$/,
  rw: /^$/,
  noexec: /^$/,
  nosuid: /^$/,
  nodev: /^$/,
};

/** PATH[:size=64m,mode=1777]. */
function tmpfsOf({ report }: Conversion, text: string, place: string): Mount {
  const [target = '', optionText = ''] = text.split(/:(.*)/s);
  const options = new Map(
    optionText
      .split(',')
      .filter(Boolean)
      .map((option): [string, string | undefined] => [option.split('=', 1)[0]!, option.split(/=(.*)/s)[1]]),
  );
  for (const [name, value = ''] of options) {
    if (!Object.hasOwn(TMPFS_OPTIONS, name))
      report.error(place, `"${name}" is no option of a tmpfs that berth knows`, 'the options are size, mode and ro');
    else if (!TMPFS_OPTIONS[name]?.test(value))
      report.error(place, `"${value}" is no ${name} of a tmpfs`, 'write it as /run:size=64m,mode=1777');
  }
  return {
    kind: 'tmpfs',
    target,
    sizeBytes: bytesOr(options.get('size'), null),
    mode: modeOf(options.get('mode')),
    readOnly: options.has('ro'),
  };
}
