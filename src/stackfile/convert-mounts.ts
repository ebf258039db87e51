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
  labelsOf,
  type Raw,
  rawOf,
  textList,
  textOr,
} from './conversion.ts';
import { convertFileObjects } from './convert-file-objects.ts';
import { convertTmpfs } from './convert-tmpfs.ts';

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
    return { mount: convertTmpfs(conversion, text, place), place };
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
    return { kind: 'tmpfs', target, sizeBytes: bytesOr(size, null), mode: modeOf(mode), readOnly, options: [] };
  }
  if (item.type === 'image') return imageForm(conversion, item, place);
  if (item.type === 'volume') {
    const { nocopy, subpath, labels } = rawOf(item.volume);
    return {
      kind: 'volume',
      source: textOr(item.source, null),
      target,
      readOnly,
      noCopy: booleanOr(nocopy, false),
      subpath: subpathOf(conversion, subpath, `${place}.volume.subpath`),
      labels: labelsOf(labels),
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

function imageForm(conversion: Conversion, item: Raw, place: string): Mount | undefined {
  const source = textOr(item.source, '');
  /* Has been told. */
  if (source === '') return undefined;
  const subpath = subpathOf(conversion, rawOf(item.image).subpath, `${place}.image.subpath`);
  return { kind: 'image', source, target: String(item.target), subpath, readOnly: true };
}

/** A folder below: neither absolute nor upwards. The executor holds to it whatever links there are. */
function subpathOf({ report }: Conversion, value: unknown, place: string): string | null {
  const text = textOr(value, null);
  if (text === null || text === '' || text === '.') return null;
  const path = posix.normalize(text);
  if (!path.startsWith('/') && !path.startsWith('../') && path !== '..') return path.replace(/\/$/, '');
  report.error(place, `the subpath ${text} leads outside`, 'name a folder below: subpath: uploads');
  return null;
}

/** The digits are octal. */
function modeOf(value: unknown): number | null {
  if (value === undefined || value === null) return null;
  return Number.parseInt(String(value), 8);
}
