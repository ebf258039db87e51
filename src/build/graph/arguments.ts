/**
 * ARG: which names have which value where.
 *
 * Above the first FROM they are seen by FROM lines; a stage sees what it names
 * itself. Predefined: the platforms (named to be seen in a stage), and
 * proxies, which a RUN gets without being named and which no key contains.
 */
import type { InstructionOf } from '../dockerfile/instruction.ts';

export type PlatformNames = { readonly os: string; readonly arch: string; readonly variant: string };

export type ArgumentValues = ReadonlyMap<string, string>;

const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY'].flatMap((name) => [
  name,
  name.toLowerCase(),
]);

/** Given from outside and not named by any ARG is worth a word; these are not. */
const SILENT = new Set([...PROXIES, 'SOURCE_DATE_EPOCH', 'BUILDKIT_INLINE_CACHE', 'BUILDKIT_SYNTAX']);

export function platformArguments({ os, arch, variant }: PlatformNames, stage: string): Map<string, string> {
  const platform = [os, arch, variant].filter((part) => part !== '').join('/');
  return new Map(
    ['TARGET', 'BUILD'].flatMap((side) => [
      [`${side}PLATFORM`, platform],
      [`${side}OS`, os],
      [`${side}ARCH`, arch],
      [`${side}VARIANT`, variant],
      ...(side === 'TARGET' ? [['TARGETSTAGE', stage]] : []),
    ]) as [string, string][],
  );
}

/** Values of ARG lines above the first FROM, in order: a later one may use an earlier. */
export function globalArguments(
  lines: readonly InstructionOf<'arg'>[],
  given: ArgumentValues,
  expand: (text: string, known: ArgumentValues) => string,
): Map<string, string> {
  const values = new Map<string, string>();
  for (const { args } of lines) {
    for (const { name, value } of args) {
      const chosen = given.get(name) ?? (value === null ? undefined : expand(value, values));
      if (chosen !== undefined) values.set(name, chosen);
    }
  }
  return values;
}

/** Proxies that were given, for RUN. */
export function proxyVariables(given: ArgumentValues): string[] {
  return PROXIES.flatMap((name) => (given.has(name) ? [`${name}=${given.get(name)}`] : []));
}

/** Given names that no ARG of the file has. */
export function unusedArguments(given: ArgumentValues, named: ReadonlySet<string>): string[] {
  return [...given.keys()].filter((name) => !named.has(name) && !SILENT.has(name));
}
