/**
 * `stats`: asks for counters again and again, and shows the rates in between.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { UsageSample } from '../engine/answers.ts';
import type { ContainersRequest, Engine } from '../engine/engine.ts';
import { formatRows } from './format-rows.ts';
import { listenForInterrupt } from './interrupt.ts';
import { printBytes } from './output.ts';
import { USAGE_HEADINGS, type UsageRow, usageRows, usageTable } from './print-usage.ts';

export type UsageView = {
  /** One table and no more. */
  readonly once: boolean;
  /** Those that do not run too. */
  readonly all: boolean;
  readonly format: string | undefined;
  readonly noTrunc: boolean;
};

const SECOND_MS = 1000;
/** Above and left of everything, and nothing below. */
const CLEAR = '\x1b[H\x1b[J';

/** Resolves with the last rows: after one, with `once`; else at Ctrl-C. */
export async function showUsage(engine: Engine, request: ContainersRequest, view: UsageView): Promise<UsageRow[]> {
  const interrupt = listenForInterrupt();
  let rows: UsageRow[] = [];
  try {
    let before = await engine.usage(request);
    do {
      await sleep(SECOND_MS, undefined, { signal: interrupt.signal });
      const now = await engine.usage(request);
      rows = usageRows(before, visible(now, view), view.noTrunc);
      before = now;
      await print(rows, view);
    } while (!view.once);
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
  } finally {
    interrupt.close();
  }
  return rows;
}

function visible(sample: UsageSample, { all }: UsageView): UsageSample {
  return { ...sample, containers: sample.containers.filter((one) => all || one.running) };
}

async function print(rows: readonly UsageRow[], { format, once }: UsageView): Promise<void> {
  if (format === 'none') return;
  const lines = formatRows(rows, { format, table: () => usageTable(rows), headings: USAGE_HEADINGS });
  const live = !once && process.stdout.isTTY && format !== 'json';
  await printBytes(`${live ? CLEAR : ''}${lines.map((line) => `${line}\n`).join('')}`);
}
