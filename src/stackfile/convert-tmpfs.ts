/**
 * `tmpfs: PATH[:OPTIONS]` of a service -> a mount in memory.
 *
 * The options are those of docker run --tmpfs: the ones of tmpfs itself
 * (tmpfs(5)), and the flags that any mount has.
 */
import type { Mount } from '../model/stack.ts';
import { bytesOr, type Conversion } from './conversion.ts';

type Tmpfs = Extract<Mount, { kind: 'tmpfs' }>;

const NOTHING = /^$/;
const AMOUNT = /^\d+(\.\d+)?[kmgt]?$/i;

const OPTIONS: Readonly<Record<string, RegExp>> = {
  size: /^(\d+(\.\d+)?([bkmgtp]|[kmgtp]i?b)?|\d{1,3}%)$/i,
  mode: /^(0[oO]?)?[0-7]{1,5}$/,
  uid: /^\d{1,10}$/,
  gid: /^\d{1,10}$/,
  nr_inodes: AMOUNT,
  nr_blocks: AMOUNT,
  mpol: /^[a-z]+([=:][\w,:=-]+)?$/,
  huge: /^(never|always|within_size|advise)$/,
  ...Object.fromEntries(
    [
      ...['ro', 'rw', 'exec', 'noexec', 'suid', 'nosuid', 'dev', 'nodev', 'sync', 'async', 'dirsync'],
      ...['atime', 'noatime', 'diratime', 'nodiratime', 'relatime', 'norelatime', 'strictatime', 'nostrictatime'],
      'defaults',
    ].map((name) => [name, NOTHING]),
  ),
};

export function convertTmpfs(conversion: Conversion, text: string, place: string): Tmpfs {
  const [target = '', optionText = ''] = text.split(/:(.*)/s);
  const options = optionText.split(',').filter(Boolean);
  for (const option of options) checkOption(conversion, option, place);
  const optionOf = (name: string) => options.findLast((o) => o.startsWith(`${name}=`))?.slice(name.length + 1);
  const size = optionOf('size');
  const isShare = size?.endsWith('%') ?? false;
  return {
    kind: 'tmpfs',
    target,
    sizeBytes: isShare ? null : bytesOr(size, null),
    mode: optionOf('mode') === undefined ? null : Number.parseInt(optionOf('mode')!.replace(/^0o/i, ''), 8),
    readOnly: options.findLast((o) => o === 'ro' || o === 'rw') === 'ro',
    options: options.filter((o) => (isShare || !o.startsWith('size=')) && !/^(mode=|ro$|rw$|defaults$)/.test(o)),
  };
}

function checkOption({ report }: Conversion, option: string, place: string): void {
  const [name = '', value = ''] = option.split(/=(.*)/s);
  const known = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
  if (!known) {
    const hint = 'the options are size, mode, uid, gid, nr_inodes, ro, exec and the other flags of mount(8)';
    report.error(place, `"${name}" is no option of a tmpfs`, hint);
  } else if (!known.test(value))
    report.error(place, `"${value}" is no ${name} of a tmpfs`, 'write it as /run:size=64m,mode=1777');
}
