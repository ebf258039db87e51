/**
 * Arguments -> which command, and what is left for it.
 *
 * Flags that name the stack may stand before the command, as with docker
 * compose; they are handed on behind it.
 */
import { BerthError } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import { COMMANDS, TOPICS } from './command-table.ts';

export type Found =
  | { readonly kind: 'command'; readonly id: string; readonly argv: readonly string[] }
  | { readonly kind: 'help'; readonly subject: string }
  | { readonly kind: 'version' };

const STACK_OPTIONS: Readonly<Record<string, string>> = {
  '-f': '--file',
  '--file': '--file',
  '-p': '--project-name',
  '--project-name': '--project-name',
  '--project-directory': '--project-directory',
  '--profile': '--profile',
  '--env-file': '--env-file',
};

/** USAGE for a word that is no command, with the nearest one as a hint. */
export function findCommand(argv: readonly string[]): Found {
  const { passed, rest } = takeStackOptions(argv);
  const [first, second] = rest;
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    return {
      kind: 'help',
      subject: rest
        .slice(1)
        .filter((word) => !word.startsWith('-'))
        .join(' '),
    };
  }
  if (first === '--version' || first === '-v') return { kind: 'version' };
  const pair = `${first} ${second ?? ''}`;
  const id = Object.hasOwn(COMMANDS, first) ? first : Object.hasOwn(COMMANDS, pair) ? pair : undefined;
  if (id === undefined && Object.hasOwn(TOPICS, first) && (second === undefined || second.startsWith('-'))) {
    return { kind: 'help', subject: first };
  }
  if (id === undefined) throw unknownCommand(first in TOPICS ? pair : first);
  const own = rest.slice(id.split(' ').length);
  if (asksForHelp(id, own)) return { kind: 'help', subject: id };
  return { kind: 'command', id, argv: [...passed, ...own] };
}

/** `--help` behind the service of an exec or run is the program's. */
function asksForHelp(id: string, own: readonly string[]): boolean {
  const end = own.indexOf('--');
  const flags = end < 0 ? own : own.slice(0, end);
  const reach =
    id === 'exec' || id === 'run'
      ? flags.slice(
          0,
          Math.max(
            0,
            flags.findIndex((f) => !f.startsWith('-')),
          ) || (flags[0]?.startsWith('-') ? flags.length : 0),
        )
      : flags;
  return reach.includes('--help') || reach.includes('-h');
}

function takeStackOptions(argv: readonly string[]): { readonly passed: string[]; readonly rest: string[] } {
  const passed: string[] = [];
  let at = 0;
  for (; at < argv.length; at++) {
    const [name = '', value] = splitOption(argv[at]!);
    const long = STACK_OPTIONS[name];
    if (long === undefined) break;
    const given = value ?? argv[++at];
    if (given === undefined) throw new BerthError('USAGE', `${name} needs a value`);
    passed.push(`${long}=${given}`);
  }
  return { passed, rest: argv.slice(at) as string[] };
}

function splitOption(token: string): [string, string?] {
  const equals = token.indexOf('=');
  return token.startsWith('--') && equals > 0 ? [token.slice(0, equals), token.slice(equals + 1)] : [token];
}

function unknownCommand(word: string): BerthError {
  const near = nearest(word, Object.keys(COMMANDS));
  return new BerthError('USAGE', `there is no command \`berth ${word.trim()}\``, {
    hint: near === undefined ? 'see `berth --help`' : `did you mean \`berth ${near}\`?`,
  });
}
