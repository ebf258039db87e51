/**
 * Text of a Go template -> its tree: text, pipelines, if, range, with, variables.
 *
 * What is not among that (`define`, `template`, `block`) is refused by name
 * rather than printed wrongly. Source: text/template of Go.
 */
import { refusedTemplate, splitActions, type Token, tokensOf } from './template-tokens.ts';

export type TemplateNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'print'; readonly pipe: Pipe }
  | { readonly kind: 'if' | 'with'; readonly pipe: Pipe; readonly body: Nodes; readonly otherwise: Nodes }
  | { readonly kind: 'range'; readonly pipe: Pipe; readonly body: Nodes; readonly otherwise: Nodes }
  | { readonly kind: 'break' | 'continue' };

export type Nodes = readonly TemplateNode[];

/** `$a, $b := first | second`. */
export type Pipe = {
  readonly variables: readonly string[];
  /** `=`: they are there already. */
  readonly isAssigned: boolean;
  readonly commands: readonly Command[];
};

/** A function or a value, and what is given to it. */
export type Command = readonly Operand[];

export type Operand =
  | { readonly kind: 'value'; readonly value: string | number | boolean | null }
  | { readonly kind: 'name'; readonly name: string }
  /** Of the dot, of a variable, or of a pipeline in brackets. */
  | {
      readonly kind: 'path';
      readonly of: '.' | Pipe | { readonly variable: string };
      readonly keys: readonly string[];
    };

/** USAGE for what is not understood, with the action it stands in. */
export function parseTemplateNodes(text: string): Nodes {
  const pieces = splitActions(text);
  let at = 0;

  const nodesUntilEnd = (opener: string | undefined): { nodes: Nodes; closer: string } => {
    const nodes: TemplateNode[] = [];
    while (at < pieces.length) {
      const piece = pieces[at++]!;
      if (piece.kind === 'text') {
        nodes.push(piece);
        continue;
      }
      const [word, rest] = wordOf(piece.text);
      if (word === 'end' || word === 'else') {
        if (opener === undefined) throw refusedTemplate(`{{${word}}} without its beginning`);
        return { nodes, closer: word === 'end' ? '' : `else ${rest}` };
      }
      nodes.push(nodeOf(word, rest, piece.text));
    }
    if (opener !== undefined) throw refusedTemplate(`{{${opener}}} without its {{end}}`);
    return { nodes, closer: '' };
  };
  const blockOf = (kind: 'if' | 'with' | 'range', condition: string): TemplateNode => {
    const pipe = parsePipe(condition, `${kind} ${condition}`);
    const { nodes, closer } = nodesUntilEnd(kind);
    const [next, more] = wordOf(closer.replace(/^else\s*/, ''));
    if (next === 'if' || next === 'with') return { kind, pipe, body: nodes, otherwise: [blockOf(next, more)] };
    const otherwise = closer === '' ? [] : nodesUntilEnd(kind).nodes;
    return { kind, pipe, body: nodes, otherwise };
  };
  const nodeOf = (word: string, rest: string, action: string): TemplateNode => {
    if (word === 'if' || word === 'with' || word === 'range') return blockOf(word, rest);
    if (word === 'break' || word === 'continue') return { kind: word };
    if (word === 'define' || word === 'template' || word === 'block') throw refusedTemplate(`\`${word}\``);
    return { kind: 'print', pipe: parsePipe(action, action) };
  };
  return nodesUntilEnd(undefined).nodes;
}

function wordOf(action: string): [string, string] {
  const [, word = '', rest = ''] = /^([a-z]+)\b\s*(.*)$/s.exec(action) ?? [];
  return [word, rest];
}

function parsePipe(text: string, action: string): Pipe {
  const tokens = tokensOf(text, action);
  const pipe = takePipe(tokens, action);
  if (tokens.length > 0) throw refusedTemplate(`\`${tokens[0]!.text}\` in {{${action}}}`);
  return pipe;
}

/** Takes tokens up to the end, or to a closing bracket. */
function takePipe(tokens: Token[], action: string): Pipe {
  const { variables, isAssigned } = takeVariables(tokens);
  const commands: Operand[][] = [[]];
  while (tokens.length > 0 && tokens[0]!.kind !== ')') {
    if (tokens[0]!.kind === '|') {
      tokens.shift();
      commands.push([]);
    } else commands.at(-1)!.push(takeOperand(tokens, action));
  }
  if (commands.some((command) => command.length === 0)) throw refusedTemplate(`an empty {{${action}}}`);
  return { variables, isAssigned, commands };
}

function takeVariables(tokens: Token[]): Pick<Pipe, 'variables' | 'isAssigned'> {
  const sign = tokens.findIndex((token) => token.kind === ':=' || token.kind === '=');
  const before = sign < 0 ? [] : tokens.slice(0, sign).filter((token) => token.kind !== ',');
  if (sign < 0 || before.some((token) => token.kind !== 'variable')) return { variables: [], isAssigned: false };
  const isAssigned = tokens[sign]!.kind === '=';
  tokens.splice(0, sign + 1);
  return { variables: before.map((token) => token.text), isAssigned };
}

function takeOperand(tokens: Token[], action: string): Operand {
  const token = tokens.shift()!;
  switch (token.kind) {
    case 'value':
      return { kind: 'value', value: token.value };
    case 'name':
      return { kind: 'name', name: token.text };
    case 'field':
      return { kind: 'path', of: '.', keys: token.keys };
    case 'variable':
      return { kind: 'path', of: { variable: token.text }, keys: takeKeys(tokens) };
    case '(': {
      const inner = takePipe(tokens, action);
      if (tokens.shift()?.kind !== ')') throw refusedTemplate(`a ( without its ) in {{${action}}}`);
      return { kind: 'path', of: inner, keys: takeKeys(tokens) };
    }
    default:
      throw refusedTemplate(`\`${token.text}\` in {{${action}}}`);
  }
}

/** Fields that stand right behind: `$x.Name`, `(index .A 0).Name`. */
function takeKeys(tokens: Token[]): readonly string[] {
  const next = tokens[0];
  if (next?.kind !== 'field' || !next.isJoined) return [];
  tokens.shift();
  return next.keys;
}
