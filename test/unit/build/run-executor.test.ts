import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { callExecutor } from '../../../src/build/solve/run-executor.ts';

const folder = mkdtempSync(join(tmpdir(), 'berth-call-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/* A folder had to be made before the first byte was wanted; under load the program had ended by then. */
test('what a program printed is there for who reads it after the program has ended', async () => {
  const pidFile = join(folder, 'pid');
  let text = '';
  const untilGone = async () => {
    while (!existsSync(pidFile) || existsSync(`/proc/${readFileSync(pidFile, 'utf8').trim()}`)) await nextTurn();
  };

  await callExecutor({
    executor: '/bin/sh',
    args: ['-c', `printf printed; echo $$ > ${pidFile}.new; /bin/mv ${pidFile}.new ${pidFile}`],
    signal: new AbortController().signal,
    async onOutput(stream) {
      await untilGone();
      for await (const chunk of stream) text += chunk.toString();
    },
  });

  expect(text).toBe('printed');
});

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}
