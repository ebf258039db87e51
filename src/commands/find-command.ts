/**
 * Arguments -> which command, and what is left for it.
 *
 * Flags that name the stack may stand before the command, as with docker
 * compose; they are handed on behind it.
 */
import { BerthError } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import { COMMANDS, PASSES_ARGUMENTS, TOPICS } from './command-table.ts';

export type Found =
  /** `environment`: what flags before the command say for all of it. */
  | {
      readonly kind: 'command';
      readonly id: string;
      readonly argv: readonly string[];
      readonly environment: Readonly<Record<string, string>>;
    }
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
  /* What docker-compose called it once. */
  '--workdir': '--project-directory',
};

/** How the command shows and does things: variables, since all commands read them. */
const SETTINGS: Readonly<Record<string, string>> = {
  '--ansi': 'COMPOSE_ANSI',
  '--progress': 'COMPOSE_PROGRESS',
  '--parallel': 'COMPOSE_PARALLEL_LIMIT',
};

const SWITCHES: Readonly<Record<string, readonly [name: string, value: string]>> = {
  '--no-ansi': ['COMPOSE_ANSI', 'never'],
  '--compatibility': ['COMPOSE_COMPATIBILITY', 'true'],
  '--all-resources': ['BERTH_ALL_RESOURCES', 'true'],
};

/** USAGE for a word that is no command, with the nearest one as a hint. */
export function findCommand(argv: readonly string[]): Found {
  const { passed, rest, environment } = takeOptions(argv);
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
  return { kind: 'command', id, argv: [...passed, ...own], environment };
}

/** `--help` behind the service of an exec or run is the program's; `-h` of a container is its host name. */
function asksForHelp(id: string, own: readonly string[]): boolean {
  const end = own.indexOf('--');
  const flags = end < 0 ? own : own.slice(0, end);
  const reach = PASSES_ARGUMENTS.has(id) ? flags.slice(0, flagCount(flags)) : flags;
  return reach.includes('--help') || (reach.includes('-h') && !TAKES_HOSTNAME.has(id));
}

const TAKES_HOSTNAME: ReadonlySet<string> = new Set(['container run', 'container create']);

function flagCount(words: readonly string[]): number {
  const first = words.findIndex((word) => !word.startsWith('-'));
  return first < 0 ? words.length : first;
}

type Options = {
  readonly passed: string[];
  readonly rest: string[];
  readonly environment: Record<string, string>;
};

function takeOptions(argv: readonly string[]): Options {
  const passed: string[] = [];
  const environment: Record<string, string> = {};
  let at = 0;
  for (; at < argv.length; at++) {
    const [name = '', value] = splitOption(argv[at]!);
    const takeValue = (): string => {
      const given = value ?? argv[++at];
      if (given === undefined) throw new BerthError('USAGE', `${name} needs a value`);
      return given;
    };
    const [long, setting, flip] = [STACK_OPTIONS[name], SETTINGS[name], SWITCHES[name]];
    if (long !== undefined) passed.push(`${long}=${takeValue()}`);
    else if (setting !== undefined) environment[setting] = takeValue();
    else if (flip !== undefined) environment[flip[0]] = flip[1];
    else if (name === '--dry-run') passed.push('--dry-run');
    else if (name !== '--verbose') break;
  }
  return { passed, rest: argv.slice(at), environment };
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
