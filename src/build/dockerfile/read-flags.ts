/**
 * Flags of an instruction, held against those it has.
 */
import { nearest } from '../../base/nearest.ts';

export type Flags = {
  /** null: not given. */
  one(name: string): string | null;
  all(name: string): readonly string[];
  /** `--name`, `--name=true`. */
  isOn(name: string): boolean;
};

type Refusing = { readonly name: string; readonly refuse: (message: string, hint?: string) => undefined };

const SWITCHES = new Set(['link', 'parents', 'keep-git-dir', 'unpack']);

/** `known`: names, with `*` at the end when it may be given again. undefined: refused. */
export function readFlags(
  written: readonly string[],
  known: readonly string[],
  { name, refuse }: Refusing,
): Flags | undefined {
  const names = known.map((one) => one.replace('*', ''));
  const values = new Map<string, string[]>();
  for (const flag of written) {
    const [, key = '', value] = /^--([^=]*)(?:=([\s\S]*))?$/.exec(flag) ?? [];
    if (!names.includes(key)) {
      const near = nearest(key, names);
      const has = names.length === 0 ? `${name} has no flags` : `${name} has --${names.join(', --')}`;
      return refuse(`${name} has no flag --${key}`, near === undefined ? has : `did you mean --${near}?`);
    }
    if (value === undefined && !SWITCHES.has(key)) return refuse(`--${key} needs a value`, `write --${key}=VALUE`);
    if (SWITCHES.has(key) && value !== undefined && !/^(true|false|1|0)$/i.test(value)) {
      return refuse(`--${key} is true or false, not ${value}`);
    }
    if (values.has(key) && !known.includes(`${key}*`)) return refuse(`--${key} is given twice`);
    values.set(key, [...(values.get(key) ?? []), value ?? 'true']);
  }
  return {
    one: (key) => values.get(key)?.[0] ?? null,
    all: (key) => values.get(key) ?? [],
    isOn: (key) => /^(true|1)$/i.test(values.get(key)?.[0] ?? ''),
  };
}
