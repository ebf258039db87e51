/**
 * What ps(1) says of all processes -> the lines about some of them.
 */
import { BerthError } from '../base/errors.ts';

/** The heading and the lines of `pids`; USAGE when the output does not tell which process a line is about. */
export function psLines(output: string, pids: ReadonlySet<number>): string[] {
  const [heading = '', ...lines] = output.split('\n').filter((line) => line.trim() !== '');
  const column = wordsOf(heading).indexOf('PID');
  if (column < 0) throw new BerthError('USAGE', 'these options of ps leave out the column PID', { hint: HINT });
  let isOurs = false;
  const ours = lines.filter((line) => {
    const pid = wordsOf(line)[column] ?? '';
    /* A thread stands below its process. */
    if (pid !== '-') isOurs = pids.has(numberOf(pid));
    return isOurs;
  });
  return [heading, ...ours];
}

const HINT = 'add it in front: `-o pid,...`';

function numberOf(pid: string): number {
  if (/^\d+$/.test(pid)) return Number(pid);
  throw new BerthError('USAGE', `these options of ps have a column with spaces before PID: ${pid} is no number`, {
    hint: HINT,
  });
}

function wordsOf(line: string): string[] {
  return line.trim().split(/\s+/);
}
