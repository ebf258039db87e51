/**
 * `exec web ls -la`: what stands behind the service belongs to the program, not to us.
 */

type FlagShape = { readonly type: string; readonly char?: string };

/** The arguments with `--` before the first that is no flag (or a flag's value), so that nothing behind it is parsed. */
export function endFlagsAtCommand(argv: readonly string[], flags: Readonly<Record<string, FlagShape>>): string[] {
  const takesValue = (token: string): boolean => {
    const flag = token.startsWith('--')
      ? flags[token.slice(2)]
      : Object.values(flags).find((f) => f.char !== undefined && token === `-${f.char}`);
    return flag?.type === 'option';
  };
  for (let at = 0; at < argv.length; at++) {
    const token = argv[at]!;
    if (token === '--') return [...argv];
    if (!token.startsWith('-') || token === '-') return [...argv.slice(0, at), '--', ...argv.slice(at)];
    if (takesValue(token)) at += 1;
  }
  return [...argv];
}
