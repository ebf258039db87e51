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
  declares,
  itemsOf,
  type Raw,
  rawOf,
  textList,
  textOr,
} from './conversion.ts';

type Bind = Extract<Mount, { kind: 'bind' }>;

export function convertMounts(conversion: Conversion, service: Raw, path: string): Mount[] {
  const volumes = itemsOf(service.volumes).flatMap(([index, item]) => {
    const place = `${path}.volumes[${index}]`;
    const mount =
      typeof item === 'object' ? longForm(conversion, item as Raw, place) : shortForm(conversion, String(item), place);
    return mount ? [checkedTarget(conversion, mount, place)] : [];
  });
  const tmpfs = textList(service.tmpfs).map((text) => tmpfsOf(conversion, text, `${path}.tmpfs`));
  return [...volumes, ...tmpfs];
}

function checkedTarget(conversion: Conversion, mount: Mount, place: string): Mount {
  if (!mount.target.startsWith('/'))
    conversion.report.error(place, `the target ${mount.target} is not absolute`, `write /${mount.target}`);
  return { ...mount, target: posix.normalize(mount.target).replace(/(.)\/$/, '$1') };
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

function longForm(conversion: Conversion, item: Raw, place: string): Mount | undefined {
  const target = String(item.target);
  const readOnly = booleanOr(item.read_only, false);
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

/** Secrets and configs that are files: bound read-only where the specification says. */
export function convertFileObjects(conversion: Conversion, service: Raw, top: Raw, path: string): Mount[] {
  return (['secrets', 'configs'] as const).flatMap((kind) =>
    itemsOf(service[kind]).flatMap(([index, item]) => {
      const { source, target } = typeof item === 'object' ? rawOf(item) : { source: item, target: undefined };
      const place = `${path}.${kind}[${index}]`;
      if (!declares(conversion, kind, String(source))) {
        conversion.report.error(
          place,
          `there is no ${kind.slice(0, -1)} ${String(source)}`,
          `declare it under \`${kind}:\` at the top`,
        );
        return [];
      }
      const declared = rawOf(top[kind])[String(source)];
      if (declared === undefined || declared === null) return [];
      const file = textOr(rawOf(declared).file, null);
      if (file === null) {
        conversion.report.error(
          place,
          `the ${kind.slice(0, -1)} ${String(source)} has no file`,
          'only those with `file:` are supported yet',
        );
        return [];
      }
      const inside = textOr(target, kind === 'secrets' ? `/run/secrets/${String(source)}` : `/${String(source)}`);
      const full = inside.startsWith('/') ? inside : `/run/secrets/${inside}`;
      return [fileBind(absolutePath(conversion, file), full)];
    }),
  );
}

function fileBind(source: string, target: string): Mount {
  return {
    kind: 'bind',
    source,
    target,
    readOnly: true,
    createHostPath: false,
    propagation: null,
    recursive: 'enabled',
  };
}
