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
  | { readonly kind: 'error'; readonly message: string; readonly hint?: string; readonly part?: string };

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;

/** The text with its variables replaced; `unset` names those that were neither set nor given a default. */
export function interpolate(text: string, variables: Variables): Interpolated {
  const unset: string[] = [];
  try {
    return { kind: 'text', text: expand({ text, variables, unset }, { from: 0, to: text.length, depth: 0 }), unset };
  } catch (error) {
    if (!(error instanceof BadVariable)) throw error;
    return { kind: 'error', message: error.message, hint: error.hint, part: error.part };
  }
}

class BadVariable extends Error {
  readonly hint: string | undefined;
  /** What of the text it is about. */
  readonly part: string | undefined;

  constructor(message: string, hint?: string, part?: string) {
    super(message);
    this.hint = hint;
    this.part = part;
  }
}

/** Deeper than anybody nests them. */
const MAX_DEPTH = 50;

type Source = {
  readonly text: string;
  readonly variables: Variables;
  readonly unset: string[];
  /** Of the whole text; made when the first one is met. */
  braces?: Braces;
};

/** A part of the text, inside of so many variables. */
type Part = { readonly from: number; readonly to: number; readonly depth: number };

function expand(source: Source, { from, to, depth }: Part): string {
  const { text } = source;
  if (depth > MAX_DEPTH) throw new BadVariable(`variables are nested more than ${MAX_DEPTH} deep`);
  let result = '';
  for (let at = from; at < to; ) {
    const dollar = text.indexOf('$', at);
    if (dollar < 0 || dollar >= to) return result + text.slice(at, to);
    result += text.slice(at, dollar);
    const next = dollar + 1 < to ? text[dollar + 1] : '';
    if (next === '$') {
      result += '$';
      at = dollar + 2;
    } else if (next === '{') {
      const end = closingBrace(source, dollar + 1, to);
      result += expandBraced(source, { from: dollar + 2, to: end, depth });
      at = end + 1;
    } else {
      const name = nameAt(text, dollar + 1, to);
      result += name === '' ? '$' : lookUp(name, source);
      at = dollar + 1 + name.length;
    }
  }
  return result;
}

function nameAt(text: string, from: number, to: number): string {
  NAME.lastIndex = from;
  return NAME.exec(text)?.[0].slice(0, to - from) ?? '';
}

/** Index of the brace that closes the one at `open`: braces of a default are paired, when they can be. */
function closingBrace(source: Source, open: number, to: number): number {
  source.braces ??= pairBraces(source.text);
  const { all, variables } = source.braces;
  const end = [all.get(open), variables.get(open)].find((at) => at !== undefined && at < to);
  if (end === undefined) {
    const part = source.text.slice(open - 1, to);
    const name = nameAt(source.text, open + 1, to);
    throw new BadVariable(`"${shortened(part)}" has no closing brace`, closingHint(name), part);
  }
  return end;
}

type Braces = {
  /** Of every opening brace, the one that closes it. */
  readonly all: ReadonlyMap<number, number>;
  /** The same when only the braces of variables open. */
  readonly variables: ReadonlyMap<number, number>;
};

/** In one pass, so that a text of nothing but braces takes no longer than another. */
function pairBraces(text: string): Braces {
  const [all, variables] = [new Map<number, number>(), new Map<number, number>()];
  const [open, openVariables]: [number[], number[]] = [[], []];
  for (const { index: at } of text.matchAll(/[{}]/g)) {
    if (text[at] === '{') {
      open.push(at);
      if (text[at - 1] === '$') openVariables.push(at);
    } else {
      const [one, other] = [open.pop(), openVariables.pop()];
      if (one !== undefined) all.set(one, at);
      if (other !== undefined) variables.set(other, at);
    }
  }
  return { all, variables };
}

function expandBraced(source: Source, { from, to, depth }: Part): string {
  const { text, variables } = source;
  const name = nameAt(text, from, to);
  const colon = text[from + name.length] === ':' ? 1 : 0;
  const at = from + name.length + colon;
  const operator = at < to ? text[at]! : '';
  if (name !== '' && from + name.length === to) return lookUp(name, source);
  if (name === '' || at >= to || !'-?+'.includes(operator)) throw invalid(`\${${text.slice(from, to)}}`);
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
  const present = value !== undefined && (colon === 0 || value !== '');
  const argument = () => expand(source, { from: at + 1, to, depth: depth + 1 });
  if (operator === '+') return present ? argument() : '';
  if (present) return value;
  if (operator === '-') return argument();
  const why = argument();
  throw new BadVariable(
    `the variable ${name} must be set${why === '' ? '' : `: ${why}`}`,
    `set it in .env or in the environment: ${name}=...`,
  );
}

function lookUp(name: string, { variables, unset }: Source): string {
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
  if (value === undefined) unset.push(name);
  return value ?? '';
}

function invalid(text: string): BadVariable {
  const hint = 'a variable is ${NAME} or ${NAME:-default}; write $$ for a dollar sign';
  return new BadVariable(`"${shortened(text)}" is no variable`, hint, text);
}

function closingHint(name: string): string {
  return name === '' ? 'write $$ for a dollar sign' : `write \${${name}}, or $$ for a dollar sign`;
}

function shortened(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}
