/**
 * volumes, tmpfs, secrets and configs of a service -> its mounts, in the order they are written.
 */
import { posix } from 'node:path';
import type { Mount } from '../model/stack.ts';
import {
  absolutePath,
  booleanOr,
  bytesOr,
  type Conversion,
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
    const mount = longForm(conversion, rawOf(item), place);
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
  /* Has been told. */
  if (bindSource === '') return undefined;
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

/** The digits are octal. */
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
