/**
 * Go's templates, as people put them behind `--format`.
 *
 * parse-template.ts says what is understood; fields that are not there are
 * refused with the names of those that are.
 */
import { assertNever, BerthError } from '../base/errors.ts';
import {
  type Command,
  type Nodes,
  type Operand,
  type Pipe,
  parseTemplateNodes,
  type TemplateNode,
} from './parse-template.ts';
import { isTrue, keyOf, printValue, TEMPLATE_FUNCTIONS } from './template-functions.ts';
import { refusedTemplate } from './template-tokens.ts';

export type Template = (value: unknown) => string;

/** A function that fills the template in; USAGE for what is not understood and for fields that are not there. */
export function parseTemplate(text: string): Template {
  const nodes = parseTemplateNodes(text);
  refuseUnknown(nodes);
  return (value) => {
    const out: string[] = [];
    run(nodes, { dot: value, root: value, frame: { values: new Map([['$', value]]), outer: undefined }, out });
    return out.join('');
  };
}

/** Names of the first fields of each action, in order: what the columns of a table are called by. */
export function templateFields(text: string): string[] {
  return parseTemplateNodes(text).flatMap((node) => ('pipe' in node ? [firstField(node.pipe) ?? ''] : []));
}

function firstField({ commands }: Pipe): string | undefined {
  for (const operand of commands.flat()) {
    if (operand.kind !== 'path') continue;
    const inner = typeof operand.of === 'object' && 'commands' in operand.of ? firstField(operand.of) : operand.keys[0];
    if (inner !== undefined) return inner;
  }
  return undefined;
}

/** Also where the template would not come by: a row more must not be the first to find it. */
function refuseUnknown(nodes: Nodes): void {
  for (const node of nodes) {
    if ('pipe' in node) refuseUnknownIn(node.pipe);
    if ('body' in node) refuseUnknown([...node.body, ...node.otherwise]);
  }
}

function refuseUnknownIn({ commands }: Pipe): void {
  for (const operand of commands.flat()) {
    if (operand.kind === 'name' && !Object.hasOwn(TEMPLATE_FUNCTIONS, operand.name)) {
      throw refusedTemplate(`\`${operand.name}\``);
    }
    if (operand.kind === 'path' && typeof operand.of === 'object' && 'commands' in operand.of) {
      refuseUnknownIn(operand.of);
    }
  }
}

type Frame = { readonly values: Map<string, unknown>; readonly outer: Frame | undefined };

type Scope = {
  readonly dot: unknown;
  readonly root: unknown;
  readonly frame: Frame;
  readonly out: string[];
};

/** How a list of nodes was left: at its end, or by leaving the loop it stands in. */
type Outcome = 'done' | 'break' | 'continue';

function run(nodes: Nodes, scope: Scope): Outcome {
  for (const node of nodes) {
    const outcome = runNode(node, scope);
    if (outcome !== 'done') return outcome;
  }
  return 'done';
}

function runNode(node: TemplateNode, scope: Scope): Outcome {
  switch (node.kind) {
    case 'text':
      scope.out.push(node.text);
      return 'done';
    case 'print': {
      const value = evaluate(node.pipe, scope);
      if (node.pipe.variables.length === 0) scope.out.push(printValue(value));
      return 'done';
    }
    case 'if':
    case 'with': {
      const inner = within(scope);
      const value = evaluate(node.pipe, inner);
      if (!isTrue(value)) return run(node.otherwise, inner);
      return run(node.body, node.kind === 'with' ? { ...inner, dot: value } : inner);
    }
    case 'range':
      return runRange(node, scope);
    case 'break':
    case 'continue':
      return node.kind;
    default:
      return assertNever(node);
  }
}

/** What is declared in a block is gone behind it; what is assigned there stays. */
function within(scope: Scope): Scope {
  return { ...scope, frame: { values: new Map(), outer: scope.frame } };
}

function runRange({ pipe, body, otherwise }: Extract<TemplateNode, { kind: 'range' }>, scope: Scope): Outcome {
  const outer = within(scope);
  const entries = entriesOf(evaluateCommands(pipe, outer));
  if (entries.length === 0) return run(otherwise, outer);
  for (const [key, value] of entries) {
    const inner = { ...within(outer), dot: value };
    const [first, second] = pipe.variables;
    if (first !== undefined) setVariable(pipe, inner, first, second === undefined ? value : key);
    if (second !== undefined) setVariable(pipe, inner, second, value);
    if (run(body, inner) === 'break') break;
  }
  return 'done';
}

/** Objects by their keys in order, as Go does. */
function entriesOf(value: unknown): (readonly [string | number, unknown])[] {
  if (Array.isArray(value)) return value.map((item, at) => [at, item] as const);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}

function evaluate(pipe: Pipe, scope: Scope): unknown {
  const value = evaluateCommands(pipe, scope);
  for (const name of pipe.variables) setVariable(pipe, scope, name, value);
  return value;
}

function setVariable({ isAssigned }: Pipe, scope: Scope, name: string, value: unknown): void {
  const frame = isAssigned ? frameOf(scope.frame, name) : scope.frame;
  frame.values.set(name, value);
}

function frameOf(frame: Frame, name: string): Frame {
  for (let at: Frame | undefined = frame; at; at = at.outer) if (at.values.has(name)) return at;
  throw refusedTemplate(`the variable ${name}, which nothing has set,`);
}

function evaluateCommands({ commands }: Pipe, scope: Scope): unknown {
  let piped: readonly unknown[] = [];
  for (const command of commands) piped = [evaluateCommand(command, scope, piped)];
  return piped[0];
}

/** What comes through a pipe is the last argument. */
function evaluateCommand([first, ...rest]: Command, scope: Scope, piped: readonly unknown[]): unknown {
  const args = [...rest.map((operand) => operandValue(operand, scope)), ...piped];
  if (first!.kind === 'name') return TEMPLATE_FUNCTIONS[first!.name]!(args);
  if (args.length === 0) return operandValue(first!, scope);
  /* docker's list rows have .Label "key" as a method. */
  if (first!.kind === 'path' && first!.of === '.' && first!.keys.join('.') === 'Label' && args.length === 1) {
    return labelOf(scope.dot, String(args[0]));
  }
  throw refusedTemplate('a field with arguments');
}

function operandValue(operand: Operand, scope: Scope): unknown {
  if (operand.kind === 'value') return operand.value;
  if (operand.kind === 'name') return TEMPLATE_FUNCTIONS[operand.name]!([]);
  const { of, keys } = operand;
  const value =
    of === '.' ? scope.dot : 'commands' in of ? evaluateCommands(of, scope) : variableOf(scope, of.variable);
  return keys.reduce(
    (inner: unknown, key, depth) => (depth === 0 && inner === scope.root ? topField(inner, key) : keyOf(inner, key)),
    value,
  );
}

function variableOf({ frame }: Scope, name: string): unknown {
  return frameOf(frame, name).values.get(name);
}

function topField(value: unknown, key: string): unknown {
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, key))
    return (value as Record<string, unknown>)[key];
  const known = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  throw new BerthError('USAGE', `--format: there is no field .${key}`, { hint: `there are ${known.join(', ')}` });
}

function labelOf(row: unknown, key: string): string {
  const labels = topField(row, 'Labels');
  if (typeof labels !== 'string') return printValue(keyOf(labels, key));
  const found = labels.split(',').find((label) => label.startsWith(`${key}=`));
  return found?.slice(key.length + 1) ?? '';
}
