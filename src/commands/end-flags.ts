/**
 * Arguments as docker takes them -> as the parser takes them.
 *
 * `exec web ls -la`: what stands behind the service belongs to the program.
 * `--sig-proxy=false`: a boolean may be given a value.
 */

export type FlagShapes = Readonly<Record<string, FlagShape>>;

type FlagShape = { readonly type: string; readonly char?: string; readonly allowNo?: boolean };

/** The arguments with `--` before the first that is no flag (or a flag's value), so that nothing behind it is parsed. */
export function endFlagsAtCommand(argv: readonly string[], flags: FlagShapes): string[] {
  for (let at = 0; at < argv.length; at++) {
    const token = argv[at]!;
    if (token === '--') return [...argv];
    if (!token.startsWith('-') || token === '-') return [...argv.slice(0, at), '--', ...argv.slice(at)];
    if (takesNext(token, flags)) at += 1;
  }
  return [...argv];
}

/** Does this token's value stand in the next one? `--user`, `-u`, and `-Tu` too. */
function takesNext(token: string, flags: FlagShapes): boolean {
  if (token.startsWith('--')) return flags[token.slice(2)]?.type === 'option';
  const letters = [...token.slice(1)];
  const first = letters.findIndex((letter) => byChar(letter, flags)?.type === 'option');
  return first >= 0 && first === letters.length - 1;
}

function byChar(char: string, flags: FlagShapes): FlagShape | undefined {
  return Object.values(flags).find((flag) => flag.char === char);
}

/** `--wait=true` -> `--wait`, `--wait=false` -> nothing (or `--no-wait`, where the default is true). */
export function plainBooleans(argv: readonly string[], flags: FlagShapes): string[] {
  const end = argv.indexOf('--');
  const own = end < 0 ? argv : argv.slice(0, end);
  const plain = own.flatMap((token) => {
    const [, name = '', value] = /^--([\w-]+)=(true|false|1|0|t|f)$/i.exec(token) ?? [];
    const flag = flags[name];
    if (value === undefined || flag?.type !== 'boolean') return [token];
    if (/^(true|t|1)$/i.test(value)) return [`--${name}`];
    return flag.allowNo ? [`--no-${name}`] : [];
  });
  return end < 0 ? plain : [...plain, ...argv.slice(end)];
}
