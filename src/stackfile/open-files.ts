/**
 * Stack files as trees, each read and parsed once however often it is asked for.
 */
import type { Findings } from './findings.ts';
import { parseYaml } from './parse-yaml.ts';
import { readText } from './read-text.ts';
import type { MapTree } from './tree.ts';

/** The documents of a file as they are written; undefined when it can not be read, and the findings say why. */
export type OpenFile = (file: string) => readonly MapTree[] | undefined;

/** The file of what flags of a command say, in positions: it is on no disk. */
export const FLAGS_FILE = '(flags)';

/** Files that include each other twice are asked for twice as often with each step. */
const MAX_ASKED = 2500;

function refuseAgain(file: string, findings: Findings): never {
  const hint = 'include it once, from the file that is read first';
  findings.error({ file, line: 1, col: 1, width: 1 }, { message: 'the file is included again and again', hint });
  findings.throwErrors();
  throw new Error('unreachable');
}

/** Reads and parses each file once. */
export function openFiles(findings: Findings, flagsText?: string): OpenFile {
  const opened = new Map<string, readonly MapTree[] | undefined>();
  let asked = 0;
  return (file) => {
    if (++asked > MAX_ASKED) refuseAgain(file, findings);
    if (!opened.has(file)) {
      const text = file === FLAGS_FILE && flagsText !== undefined ? flagsText : readText(file, findings);
      opened.set(file, text === undefined ? undefined : parseYaml(text, file, findings));
    }
    return opened.get(file);
  };
}
