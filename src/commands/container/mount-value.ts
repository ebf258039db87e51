/**
 * `--mount type=bind,source=/a,target=/b,readonly` -> the long form of a stack file's volume.
 */
import { resolve } from 'node:path';
import { BerthError } from '../../base/errors.ts';

type Inner = Record<string, string | number | boolean>;
type MountValue = { [key: string]: string | boolean | Inner };

const SWITCHES = new Set(['readonly', 'ro', 'volume-nocopy', 'bind-nonrecursive']);

/** USAGE for a key that docker has not. */
export function mountValue(text: string): MountValue {
  const value: MountValue = { type: 'volume' };
  for (const field of fieldsOf(text)) {
    const at = field.indexOf('=');
    const key = (at < 0 ? field : field.slice(0, at)).toLowerCase();
    if (at < 0 && !SWITCHES.has(key)) throw refused(text, `${field} is not KEY=VALUE`);
    set(value, key, { text, given: at < 0 ? 'true' : field.slice(at + 1) });
  }
  if (value.type === 'bind' && typeof value.source === 'string') value.source = resolve(value.source);
  return value;
}

/** Commas divide, but not in double quotes. */
function fieldsOf(text: string): string[] {
  const fields = [...text.matchAll(/(?:"((?:[^"]|"")*)"|([^",]*))(?:,|$)/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  );
  return fields.filter((field) => field !== '');
}

function set(value: MountValue, key: string, { text, given }: { readonly text: string; readonly given: string }): void {
  const known = KEYS[key];
  if (!known) throw refused(text, `there is no key ${key}`);
  const [group, name] = known.path;
  const content = known.read?.(given) ?? given;
  if (name === undefined) value[group] = content as string | boolean;
  else value[group] = { ...(value[group] as Inner | undefined), [name]: content };
}

type Key = {
  readonly path: readonly [string, string?];
  readonly read?: (given: string) => string | number | boolean;
};

const isOn = (given: string) => given === 'true' || given === '1';
const source: Key = { path: ['source'] };
const target: Key = { path: ['target'] };
const readOnly: Key = { path: ['read_only'], read: isOn };

const KEYS: Readonly<Record<string, Key>> = {
  type: { path: ['type'] },
  source,
  src: source,
  target,
  destination: target,
  dst: target,
  readonly: readOnly,
  ro: readOnly,
  'bind-propagation': { path: ['bind', 'propagation'] },
  'bind-recursive': { path: ['bind', 'recursive'] },
  'bind-nonrecursive': { path: ['bind', 'recursive'], read: (given) => (isOn(given) ? 'disabled' : 'enabled') },
  'volume-nocopy': { path: ['volume', 'nocopy'], read: isOn },
  'volume-subpath': { path: ['volume', 'subpath'] },
  'tmpfs-size': { path: ['tmpfs', 'size'] },
  'tmpfs-mode': { path: ['tmpfs', 'mode'], read: (given) => Number.parseInt(given, 8) },
  'image-subpath': { path: ['image', 'subpath'] },
};

function refused(text: string, why: string): BerthError {
  return new BerthError('USAGE', `--mount ${text}: ${why}`, {
    hint: 'write it like type=bind,source=/here,target=/there,readonly',
  });
}
