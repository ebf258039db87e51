/**
 * The quick way for an `up -d` that changes nothing: the engine knows the request that these files made the last time.
 */
import { callerOf } from './api/caller.ts';
import { upKey } from './api/up-key.ts';
import { rootsFromEnvironment } from './base/roots.ts';
import type { UpResult } from './engine/engine.ts';
import { askOnce } from './quick-ask.ts';
import { printLine } from './ui/output.ts';
import { upSummaryLines } from './ui/up-summary.ts';

/** false when the ordinary way has to do it. */
export async function upQuickly(argv: readonly string[]): Promise<boolean> {
  const { engineSocket } = rootsFromEnvironment(process.env, process.geteuid?.() ?? 0);
  const by = callerOf(process.argv, process.pid);
  const json = { key: upKey(argv, process.env, process.cwd()), by };
  const body = await askOnce(engineSocket, { method: 'POST', path: '/v1/up-again', json });
  const result = body === undefined ? null : (JSON.parse(body) as UpResult | null);
  if (!result) return false;
  for (const line of upSummaryLines(result)) printLine(line);
  return true;
}
