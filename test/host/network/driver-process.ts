/**
 * The network driver in a process of its own, so that it can live in another network namespace than the tests.
 *
 * One JSON object a line: `{id, method, args}` in, `{id, value}` or `{id, error}` out.
 */
import { createInterface } from 'node:readline';
import { errorData } from '../../../src/base/errors.ts';
import { bridgedNetwork } from '../../../src/network/bridged.ts';
import type { NetworkDriver } from '../../../src/network/network.ts';

type Call = { readonly id: number; readonly method: keyof NetworkDriver; readonly args: readonly unknown[] };

const [tag = '', runDir = '', executor = ''] = process.argv.slice(2);
const log = (line: string) => process.stderr.write(`${line}\n`);
const driver = bridgedNetwork({ tag, runDir, executor, log, onLooseEnds: () => log('ends may be loose') });

createInterface({ input: process.stdin }).on('line', async (line) => {
  const call = JSON.parse(line) as Call;
  process.stdout.write(`${JSON.stringify({ id: call.id, ...(await answerTo(call)) })}\n`);
});

async function answerTo({ method, args }: Call): Promise<object> {
  try {
    const action = driver[method] as (...args: readonly unknown[]) => Promise<unknown>;
    return { value: await action(...args) };
  } catch (error) {
    return { error: errorData(error) };
  }
}
