/**
 * `RUN --mount=...`: the text, variables put in, -> a mount.
 */
import { posix } from 'node:path';
import { parseBytes } from '../../base/bytes.ts';
import { BerthError } from '../../base/errors.ts';
import { nearest } from '../../base/nearest.ts';
import type { RunMount } from './instruction.ts';

const KEYS: Readonly<Record<RunMount['kind'], readonly string[]>> = {
  bind: ['target', 'source', 'from', 'readwrite'],
  cache: ['target', 'source', 'from', 'id', 'readonly', 'readwrite', 'sharing', 'mode', 'uid', 'gid'],
  tmpfs: ['target', 'size'],
  secret: ['target', 'id', 'env', 'required', 'mode', 'uid', 'gid'],
  ssh: ['target', 'id', 'required', 'mode', 'uid', 'gid'],
};

const ALIASES: Readonly<Record<string, string>> = {
  dst: 'target',
  destination: 'target',
  src: 'source',
  rw: 'readwrite',
  ro: 'readonly',
};

/** DOCKERFILE_INVALID without position: the caller knows the line. `workdir`: relative targets begin there. */
export function parseRunMount(text: string, workdir: string): RunMount {
  const pairs = text.split(',').map((part) => {
    const at = part.indexOf('=');
    const key = (at < 0 ? part : part.slice(0, at)).trim().toLowerCase();
    return [ALIASES[key] ?? key, at < 0 ? 'true' : part.slice(at + 1)] as const;
  });
  const values = new Map(pairs);
  const kind = values.get('type') ?? 'bind';
  if (!isKind(kind)) throw refused(text, `type is ${Object.keys(KEYS).join(', ')}, not ${kind}`);
  for (const [key] of pairs) checkKey(text, kind, key);
  if (values.has('readwrite') && values.has('readonly')) throw refused(text, 'rw and ro exclude each other');
  const target = values.get('target');
  const place = target === undefined || target === '' ? null : posix.resolve('/', workdir, target);
  if (place === null && kind !== 'secret' && kind !== 'ssh') throw refused(text, 'a target is missing');
  if (place === '/') throw refused(text, 'the target can not be the root');
  return mountOf(kind, { text, values, target: place ?? '' });
}

type Read = { readonly text: string; readonly values: ReadonlyMap<string, string>; readonly target: string };

function mountOf(kind: RunMount['kind'], read: Read): RunMount {
  const { values, target, text } = read;
  const source = inside(values.get('source') ?? '/');
  const from = values.get('from') ?? null;
  switch (kind) {
    case 'bind':
      return { kind, from, source, target, readOnly: !isOn(read, 'readwrite') };
    case 'cache':
      return {
        kind,
        id: values.get('id') ?? null,
        target,
        readOnly: isOn(read, 'readonly'),
        sharing: sharingOf(read),
        from,
        source,
        mode: octal(read, 0o755),
        uid: number(read, 'uid'),
        gid: number(read, 'gid'),
      };
    case 'tmpfs': {
      const size = values.get('size');
      const sizeBytes = size === undefined ? null : (parseBytes(size) ?? refuse(text, `size ${size} is no size`));
      return { kind, target, sizeBytes };
    }
    case 'secret':
    case 'ssh':
      return {
        kind,
        id: values.get('id') ?? null,
        target: target === '' ? null : target,
        env: values.get('env') ?? null,
        required: isOn(read, 'required'),
        mode: octal(read, kind === 'ssh' ? 0o600 : 0o400),
        uid: number(read, 'uid'),
        gid: number(read, 'gid'),
      };
  }
}

/** A source never leads out of what it is a part of. */
function inside(source: string): string {
  return posix.resolve('/', source);
}

function checkKey(text: string, kind: RunMount['kind'], key: string): void {
  if (key === 'type' || KEYS[kind].includes(key)) return;
  /* What a bind is anyway. */
  if (kind === 'bind' && key === 'readonly') return;
  const near = nearest(key, KEYS[kind]);
  throw refused(text, `type=${kind} has no ${key}${near === undefined ? '' : `; did you mean ${near}?`}`);
}

function sharingOf({ values, text }: Read): 'shared' | 'private' | 'locked' {
  const sharing = values.get('sharing') ?? 'shared';
  if (sharing === 'shared' || sharing === 'private' || sharing === 'locked') return sharing;
  throw refused(text, `sharing is shared, private or locked, not ${sharing}`);
}

function isOn({ values, text }: Read, key: string): boolean {
  const value = values.get(key) ?? 'false';
  if (/^(true|1)$/i.test(value)) return true;
  if (/^(false|0)$/i.test(value)) return false;
  throw refused(text, `${key} is true or false, not ${value}`);
}

function octal({ values, text }: Read, missing: number): number {
  const mode = values.get('mode');
  if (mode === undefined) return missing;
  if (!/^0?[0-7]{1,4}$/.test(mode)) throw refused(text, `mode ${mode} is no octal number`);
  return Number.parseInt(mode, 8);
}

function number({ values, text }: Read, key: 'uid' | 'gid'): number {
  const value = values.get(key) ?? '0';
  if (!/^\d{1,10}$/.test(value)) throw refused(text, `${key} ${value} is no number`);
  return Number(value);
}

function isKind(text: string): text is RunMount['kind'] {
  return Object.hasOwn(KEYS, text);
}

function refuse(text: string, why: string): never {
  throw refused(text, why);
}

function refused(text: string, why: string): BerthError {
  return new BerthError('DOCKERFILE_INVALID', `--mount=${text}: ${why}`);
}
