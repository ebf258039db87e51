/**
 * The text of a stack file, within bounds: what is too large, or no file, is refused before it is read.
 */
import { MAX_BYTES } from '../base/read-bounded.ts';
import type { Findings } from './findings.ts';
import { readBounded, statSync } from './input-files.ts';

/** `-` is stdin; undefined when it can not be read, and the findings say why. */
export function readText(file: string, findings: Findings): string | undefined {
  const refuse = (message: string, hint: string) => {
    findings.error({ file, line: 1, col: 1, width: 1 }, { message, hint });
    return undefined;
  };
  const size = file === '-' ? 0 : sizeOf(file);
  if (size === undefined) return refuse(`${file} is no file`, 'name a stack file');
  const text = size > MAX_BYTES ? undefined : readBounded(file);
  if (text === undefined)
    return refuse(`${file} is larger than 2 MiB`, 'split it, and name the parts under `include:`');
  findings.addSource(file, text);
  return text.includes('\0') ? refuse('the file has a NUL character', 'a stack file is text') : text;
}

function sizeOf(file: string): number | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats?.isFile() || stats?.isFIFO() || stats?.isCharacterDevice() ? stats.size : undefined;
}
