/**
 * `--filter NAME=VALUE` and `--status STATE` of commands that list.
 */
import * as Flags from '@oclif/core/flags';
import { BerthError } from '../base/errors.ts';

/** A new one for each command: what it may filter by is in the text. */
export function filterFlag(names: readonly string[], char?: 'f') {
  return Flags.string({
    char,
    multiple: true,
    multipleNonGreedy: true,
    summary: `only what fits: NAME=VALUE, by ${names.join(', ')}`,
  });
}

export type Filters = ReadonlyMap<string, readonly string[]>;

/** Values by name; several of one name mean any of them. USAGE for a name that is none of `names`. */
export function parseFilters(texts: readonly string[], names: readonly string[]): Filters {
  const filters = new Map<string, string[]>();
  for (const text of texts) {
    const at = text.indexOf('=');
    const name = at < 0 ? text : text.slice(0, at);
    if (at < 0) throw new BerthError('USAGE', `--filter ${text} is not NAME=VALUE`);
    if (!names.includes(name)) {
      throw new BerthError('USAGE', `--filter: there is no filter ${name}`, { hint: `there are ${names.join(', ')}` });
    }
    filters.set(name, [...(filters.get(name) ?? []), text.slice(at + 1)]);
  }
  return filters;
}

const STATES = ['created', 'restarting', 'running', 'removing', 'paused', 'exited', 'dead'];

/** USAGE for a word that is no state of a container. */
export function checkStates(states: readonly string[]): readonly string[] {
  const wrong = states.find((state) => !STATES.includes(state));
  if (wrong === undefined) return states;
  throw new BerthError('USAGE', `${wrong} is no state of a container`, { hint: `the states are ${STATES.join(', ')}` });
}
