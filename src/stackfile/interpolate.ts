/**
 * `${VARIABLE}` in the values of a stack file.
 *
 * Pure. Forms: $A ${A} ${A:-d} ${A-d} ${A:?e} ${A?e} ${A:+r} ${A+r} and $$ for
 * a dollar; defaults may hold further variables. A dollar before anything else
 * is one: `$(date)` and `5 $` are left to the shell. Compose Specification, 12.
 */

export type Variables = Readonly<Record<string, string | undefined>>;

export type Interpolated =
  | { readonly kind: 'text'; readonly text: string; readonly unset: readonly string[] }
  | { readonly kind: 'error'; readonly message: string; readonly hint?: string };

const NAME = /^[A-Za-z_][A-Za-z0-9_]*/;

/** The text with its variables replaced; `unset` names those that were neither set nor given a default. */
export function interpolate(text: string, variables: Variables): Interpolated {
  const unset: string[] = [];
  try {
    return { kind: 'text', text: expand(text, variables, unset), unset };
  } catch (error) {
    if (!(error instanceof BadVariable)) throw error;
    return { kind: 'error', message: error.message, hint: error.hint };
  }
}

class BadVariable extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

function expand(text: string, variables: Variables, unset: string[]): string {
  let result = '';
  for (let at = 0; at < text.length; ) {
    const dollar = text.indexOf('$', at);
    if (dollar < 0) return result + text.slice(at);
    result += text.slice(at, dollar);
    const rest = text.slice(dollar + 1);
    if (rest.startsWith('$')) {
      result += '$';
      at = dollar + 2;
    } else if (rest.startsWith('{')) {
      const end = closingBrace(text, dollar + 1);
      result += expandBraced(text.slice(dollar + 2, end), variables, unset);
      at = end + 1;
    } else {
      const name = NAME.exec(rest)?.[0] ?? '';
      result += name === '' ? '$' : lookUp(name, variables, unset);
      at = dollar + 1 + name.length;
    }
  }
  return result;
}

/** Index of the brace that closes the one at `open`: braces of a default are paired, when they can be. */
function closingBrace(text: string, open: number): number {
  const paired = pairedBrace(text, open, () => true);
  const end = paired >= 0 ? paired : pairedBrace(text, open, (at) => text[at - 1] === '$');
  if (end < 0) throw invalid(text.slice(open - 1));
  return end;
}

function pairedBrace(text: string, open: number, opens: (at: number) => boolean): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === '{' && opens(at)) depth += 1;
    if (text[at] === '}' && --depth === 0) return at;
  }
  return -1;
}

function expandBraced(inner: string, variables: Variables, unset: string[]): string {
  const name = NAME.exec(inner)?.[0];
  if (name === undefined) throw invalid(`\${${inner}}`);
  const [, colon = '', operator = '', argument = ''] = /^(:?)([-?+]?)(.*)$/s.exec(inner.slice(name.length)) ?? [];
  if (operator === '') {
    if (inner.length !== name.length) throw invalid(`\${${inner}}`);
    return lookUp(name, variables, unset);
  }
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
  const present = value !== undefined && (colon === '' || value !== '');
  if (operator === '+') return present ? expand(argument, variables, unset) : '';
  if (present) return value;
  if (operator === '-') return expand(argument, variables, unset);
  const why = expand(argument, variables, unset);
  throw new BadVariable(
    `the variable ${name} must be set${why === '' ? '' : `: ${why}`}`,
    `set it in .env or in the environment: ${name}=...`,
  );
}

function lookUp(name: string, variables: Variables, unset: string[]): string {
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
  if (value === undefined) unset.push(name);
  return value ?? '';
}

function invalid(text: string): BadVariable {
  return new BadVariable(`"${text}" is no variable`, 'write $$ for a dollar sign');
}
