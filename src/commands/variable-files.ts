/**
 * `--env-file` and `-e` of docker's commands: every line is KEY=VALUE as it stands, quotes and all.
 */
import { readFileSync } from 'node:fs';
import { BerthError, errnoOf } from '../base/errors.ts';

/** Files first, then `given`. A KEY alone takes the value from here, and is left out when there is none. */
export function readVariables(files: readonly string[], given: readonly string[]): string[] {
  return [...files.flatMap(linesOf), ...given].flatMap((text) => {
    if (text.includes('=')) return [text];
    const value = process.env[text];
    return value === undefined ? [] : [`${text}=${value}`];
  });
}

function linesOf(file: string): string[] {
  return readOrRefuse(file)
    .split(/\r?\n/)
    .map((line) => line.trimStart())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      if (/^[^\s=]+(=|$)/.test(line)) return line;
      throw new BerthError('USAGE', `${file}: ${JSON.stringify(line)} is no KEY=VALUE`);
    });
}

function readOrRefuse(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    if (errnoOf(cause) === undefined) throw cause;
    throw new BerthError('USAGE', `${file} can not be read: ${errnoOf(cause)}`, { cause });
  }
}
