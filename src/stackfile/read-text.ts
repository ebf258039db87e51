/**
 * The text of a stack file, within bounds: what is too large, or no file, is refused before it is read.
 */

import type { Findings } from './findings.ts';
import { readFileSync, statSync } from './input-files.ts';

/** Largest real files have some hundred KiB; what is larger would only take memory. */
const MAX_BYTES = 4 * 1024 * 1024;

/** `-` is stdin; undefined when it can not be read, and the findings say why. */
export function readText(file: string, findings: Findings): string | undefined {
  const refuse = (message: string, hint: string) => {
    findings.error({ file, line: 1, col: 1, width: 1 }, { message, hint });
    return undefined;
  };
  const size = file === '-' ? 0 : sizeOf(file);
  if (size === undefined) return refuse(`${file} is no file`, 'name a stack file');
  if (size > MAX_BYTES) return refuse(`${file} is larger than 4 MiB`, 'split it, and name the parts under `include:`');
  const text = readFileSync(file === '-' ? 0 : file, 'utf8');
  findings.addSource(file, text);
  if (text.length > MAX_BYTES) return refuse('the file is larger than 4 MiB', 'split it');
  return text.includes('\0') ? refuse('the file has a NUL character', 'a stack file is text') : text;
}

function sizeOf(file: string): number | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats?.isFile() || stats?.isFIFO() || stats?.isCharacterDevice() ? stats.size : undefined;
}
