/**
 * One instruction's text -> name, flags and arguments, by the form that each instruction has.
 */
import type { Heredoc } from './heredoc.ts';
import type { SourceNode } from './parse-dockerfile.ts';
import type { ProblemList } from './problems.ts';
import { splitFlags, splitWords } from './split-words.ts';

type Form = 'words' | 'list' | 'text-or-json' | 'pairs' | 'names' | 'text' | 'health' | 'instruction';

const FORMS: Readonly<Record<string, Form>> = {
  add: 'list',
  arg: 'names',
  cmd: 'text-or-json',
  copy: 'list',
  entrypoint: 'text-or-json',
  env: 'pairs',
  expose: 'words',
  from: 'words',
  healthcheck: 'health',
  label: 'pairs',
  maintainer: 'text',
  onbuild: 'instruction',
  run: 'text-or-json',
  shell: 'text-or-json',
  stopsignal: 'text',
  user: 'text',
  volume: 'list',
  workdir: 'text',
};

/** A chain of ONBUILD is refused later with its own words; this only bounds the recursion. */
const MAX_NESTING = 8;

export type Place = {
  readonly line: number;
  readonly endLine: number;
  readonly col: number;
  readonly comments: readonly string[];
  readonly escapeSign: string;
  readonly heredocs: readonly Heredoc[];
  readonly found: ProblemList;
  readonly depth?: number;
};

/** Whether lines after TEXT may belong to it as heredocs. */
export function takesHeredocs(text: string): boolean {
  return /^\s*(?:onbuild\s+)?(?:run|copy|add)\s/i.test(text);
}

export function readInstruction(text: string, place: Place): SourceNode | undefined {
  const [, written = '', rest = ''] = /^\s*(\S+)(?:\s+([\s\S]*))?$/.exec(text) ?? [];
  const name = written.toLowerCase();
  const { flags, rest: body } = splitFlags(rest);
  const args = body.trim();
  const { line, endLine, col, comments, heredocs } = place;
  const base = { name, written, text: text.trim(), flags, line, endLine, col, comments, heredocs, inner: null };
  const read = readArguments(name, args, place);
  return read && { ...base, ...read };
}

type Read = Pick<SourceNode, 'args' | 'isJson'> & Partial<Pick<SourceNode, 'inner'>>;

function readArguments(name: string, rest: string, place: Place): Read | undefined {
  const form = FORMS[name] ?? 'text';
  const plain = (args: readonly string[]): Read => ({ args, isJson: false });
  switch (form) {
    case 'words':
      return plain(rest === '' ? [] : rest.split(/[\t\v\f\r ]+/));
    case 'text':
      return plain(rest === '' ? [] : [rest]);
    case 'names':
      return plain(splitWords(rest, place.escapeSign));
    case 'list':
      return jsonList(rest, place) ?? plain(rest === '' ? [] : rest.split(/[\t\v\f\r ]+/));
    case 'text-or-json':
      return jsonList(rest, place) ?? plain(rest === '' ? [] : [rest]);
    case 'pairs':
      return readPairs(name, rest, place);
    case 'health':
      return readHealth(rest, place);
    case 'instruction':
      return readInner(rest, place);
  }
}

/** A JSON list of strings; a list with anything else in it is a mistake, any other text is none. */
function jsonList(rest: string, { found, line }: Place): Read | undefined {
  if (!rest.startsWith('[')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(rest);
  } catch {
    return undefined;
  }
  if (!Array.isArray(value)) return undefined;
  if (value.every((item) => typeof item === 'string')) return { args: value as string[], isJson: true };
  found.add({ line, message: 'only strings can stand in the list', hint: 'write each item in double quotes' });
  return undefined;
}

/** `ENV name=value ...`, or the old `ENV name the rest`. */
function readPairs(name: string, rest: string, { escapeSign, found, line }: Place): Read | undefined {
  const words = splitWords(rest, escapeSign);
  if (words.length === 0) return { args: [], isJson: false };
  if (!words[0]!.includes('=')) {
    const [, key, value] = /^(\S+)\s+([\s\S]+)$/.exec(rest) ?? [];
    if (key !== undefined) return { args: [key, value!, ''], isJson: false };
    const hint = `write ${name.toUpperCase()} ${rest}=VALUE`;
    found.add({ line, message: `${name.toUpperCase()} ${rest} has no value`, hint });
    return undefined;
  }
  const bad = words.find((word) => !word.includes('='));
  if (bad !== undefined) {
    const hint = 'write name=value, and quote a value that has spaces in it';
    found.add({ line, message: `${JSON.stringify(bad)} has no "="`, hint });
    return undefined;
  }
  const args = words.flatMap((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1), '=']);
  return { args, isJson: false };
}

function readHealth(rest: string, place: Place): Read | undefined {
  const [, kind, command = ''] = /^(\S+)(?:\s+([\s\S]*))?$/.exec(rest) ?? [];
  if (kind === undefined) return { args: [], isJson: false };
  const list = jsonList(command, place);
  if (list) return { args: [kind, ...list.args], isJson: true };
  return { args: command === '' ? [kind] : [kind, command], isJson: false };
}

function readInner(rest: string, place: Place): Read | undefined {
  if (rest === '') return { args: [], isJson: false };
  const depth = (place.depth ?? 0) + 1;
  if (depth > MAX_NESTING) {
    place.found.add({ line: place.line, message: 'ONBUILD can not stand in ONBUILD' });
    return undefined;
  }
  const inner = readInstruction(rest, { ...place, depth });
  return inner && { args: [rest], isJson: false, inner };
}
